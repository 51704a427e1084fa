from streamparse import Grouping, Topology

from bolts.record import RecordBolt
from bolts.review import ReviewBolt
from bolts.work import WorkBolt
from spouts.jobs import JobSpout


class Retry(Topology):
    jobs = JobSpout.spec()
    work = WorkBolt.spec(inputs=[jobs], par=2)
    review = ReviewBolt.spec(inputs=[work])
    # This closes the cycle. It must come after review, which it names.
    work.inputs[review["retry"]] = Grouping.SHUFFLE
    done = RecordBolt.spec(inputs=[review])
    given_up = RecordBolt.spec(inputs=[review["given_up"]])
    config = {"jobs.count": 1000}
