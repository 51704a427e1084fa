'use strict';

const { Spout } = require('./storm');

// Emits words.count words, each with an id, and failed words again.
class Words extends Spout {
  initialize(conf) {
    this.words = 'the storm bent the reed but the reed kept its root'.split(' ');
    this.count = conf['words.count'];
    this.said = 0;
  }

  next() {
    if (this.said < this.count) this.say(this.said++);
  }

  fail(id) {
    this.say(id);
  }

  say(id) {
    this.emit([this.words[id % this.words.length]], { id });
  }
}

new Words().run();
