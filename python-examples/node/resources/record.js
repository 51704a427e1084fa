'use strict';

const fs = require('fs');
const path = require('path');
const { Bolt } = require('./storm');

// Appends each tuple to COMPONENT-TASK.jsonl in the folder that results.dir names.
class Record extends Bolt {
  initialize(conf, { componentid, taskid }) {
    const folder = conf['results.dir'];
    this.file = folder && path.join(folder, `${componentid}-${taskid}.jsonl`);
  }

  process({ tuple }) {
    if (this.file) fs.appendFileSync(this.file, JSON.stringify(tuple) + '\n');
  }
}

new Record().run();
