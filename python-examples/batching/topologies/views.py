from streamparse import Grouping, Topology

from bolts.record import RecordBolt
from bolts.views import ViewsBolt
from spouts.views import ViewSpout


class Views(Topology):
    view_spout = ViewSpout.spec()
    views = ViewsBolt.spec(inputs={view_spout: Grouping.fields("page")}, par=2)
    record = RecordBolt.spec(inputs=[views])
    # More pending trees than tuples in a batch: the spout must not wait for the ticks.
    config = {"views.count": 7000, "topology.max.spout.pending": 5000}
