from streamparse import BatchingBolt


class ViewsBolt(BatchingBolt):
    """Collects the views of each page between tick tuples, and emits how many
    there were. A view is acked when its batch is done, and an emit is anchored to
    the whole batch."""

    outputs = ["page", "views"]
    config = {"topology.tick.tuple.freq.secs": 1}

    def group_key(self, tup):
        return tup.values.page

    def process_batch(self, page, tups):
        self.emit([page, len(tups)])
