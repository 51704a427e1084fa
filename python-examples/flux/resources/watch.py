import storm


class Watch(storm.Bolt):
    """Converts to Fahrenheit, and emits an alarm if it is too hot."""

    def initialize(self, conf, context):
        self.limit = conf["alarm.above"]

    def process(self, tuple):
        sensor, celsius = tuple["tuple"]
        self.emit([sensor, celsius * 9 / 5 + 32], anchors=[tuple["id"]])
        if celsius > self.limit:
            self.emit([sensor, celsius], stream="alarms", anchors=[tuple["id"]])


Watch().run()
