import storm

WORDS = "the storm bent the reed but the reed kept its root".split()


class Words(storm.Spout):
    """Emits the words of a proverb, forever, and failed words again."""

    def initialize(self, conf, context):
        self.said = 0

    def next(self):
        self.say(self.said)
        self.said += 1

    def fail(self, id):
        self.say(id)

    def say(self, number):
        self.emit([WORDS[number % len(WORDS)]], id=number)


Words().run()
