'use strict';

const { Bolt } = require('./storm');

class Count extends Bolt {
  initialize() {
    this.counts = new Map();
  }

  process({ id, tuple: [word] }) {
    const count = (this.counts.get(word) || 0) + 1;
    this.counts.set(word, count);
    this.emit([word, count], { anchors: [id] });
  }
}

new Count().run();
