import storm


class Readings(storm.Spout):
    """Reads five thermometers in turn, readings.count times in all."""

    def initialize(self, conf, context):
        self.count = conf["readings.count"]
        self.done = 0

    def next(self):
        if self.done < self.count:
            self.read_thermometer(self.done)
            self.done += 1

    def fail(self, id):
        self.read_thermometer(id)

    def read_thermometer(self, number):
        self.emit([number % 5, number % 41], id=number)


Readings().run()
