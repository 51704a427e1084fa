from streamparse import ReliableSpout


class ViewSpout(ReliableSpout):
    """Emits `views.count` views of seven pages."""

    outputs = ["page"]

    def initialize(self, conf, ctx):
        self.views = iter(range(conf["views.count"]))

    def next_tuple(self):
        view = next(self.views, None)
        if view is not None:
            self.emit(["/page/{}".format(view % 7)], tup_id=view)
