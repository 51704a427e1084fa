'use strict';

const { Spout } = require('./storm');

const WORDS = 'the storm bent the reed but the reed kept its root'.split(' ');

// Emits the words of a proverb, forever, and failed words again.
class Words extends Spout {
  initialize() {
    this.said = 0;
  }

  next() {
    this.say(this.said++);
  }

  fail(id) {
    this.say(id);
  }

  say(id) {
    this.emit([WORDS[id % WORDS.length]], { id });
  }
}

new Words().run();
