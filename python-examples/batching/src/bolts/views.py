from streamparse import BatchingBolt


class ViewsBolt(BatchingBolt):
    """Collects views between tick tuples, page by page, and says how many there
    were. A view is acked when its batch is done, and what is emitted is anchored
    to the whole batch."""

    outputs = ["page", "views"]
    config = {"topology.tick.tuple.freq.secs": 1}

    def group_key(self, tup):
        return tup.values.page

    def process_batch(self, page, tups):
        self.emit([page, len(tups)])
