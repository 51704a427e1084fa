'use strict';

const { Bolt } = require('./storm');

// Counts words. Each word goes to only one task, so its count is complete.
class Count extends Bolt {
  initialize() {
    this.counts = new Map();
    this.total = 0;
  }

  process({ id, tuple: [word] }) {
    const count = (this.counts.get(word) || 0) + 1;
    this.counts.set(word, count);
    if (++this.total % 100000 === 0) this.log(`${this.total} words, ${word} ${count} times`);
    this.emit([word, count], { anchors: [id] });
  }
}

new Count().run();
