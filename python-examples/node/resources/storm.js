// Storm's multilang protocol for Node, without any package: a component extends
// Spout or Bolt and ends with `new It().run()`.
'use strict';

const fs = require('fs');
const path = require('path');

class Component {
  initialize(conf, context) {}

  // emit sends a tuple; options are id (spouts), anchors (bolts), stream and task.
  emit(tuple, options = {}) {
    this.send({ command: 'emit', tuple, need_task_ids: false, ...options });
  }

  log(msg) {
    this.send({ command: 'log', msg: String(msg) });
  }

  // Output waits until all input has been processed, and leaves in one write.
  send(message) {
    this.unsent += JSON.stringify(message) + '\nend\n';
  }

  run() {
    this.unsent = '';
    let handle = (handshake) => {
      fs.closeSync(fs.openSync(path.join(handshake.pidDir, String(process.pid)), 'w'));
      this.send({ pid: process.pid });
      this.initialize(handshake.conf, handshake.context);
      handle = (message) => this.handle(message);
    };
    let unread = '';
    process.stdin.setEncoding('utf8');
    process.stdin.on('data', (chunk) => {
      const messages = (unread + chunk).split('\nend\n');
      unread = messages.pop();
      messages.forEach((message) => handle(JSON.parse(message)));
      process.stdout.write(this.unsent);
      this.unsent = '';
    });
  }
}

class Spout extends Component {
  next() {}
  ack(id) {}
  fail(id) {}
  activate() {}
  deactivate() {}

  handle({ command, id }) {
    this[command](id);
    this.send({ command: 'sync' });
  }
}

class Bolt extends Component {
  process(tuple) {}
  tick() {}

  // handle acks the tuple, or fails it if process() throws.
  handle(tuple) {
    if (tuple.stream === '__heartbeat') {
      this.send({ command: 'sync' });
      return;
    }
    try {
      if (tuple.stream === '__tick') this.tick();
      else this.process(tuple);
      this.send({ command: 'ack', id: tuple.id });
    } catch (error) {
      this.send({ command: 'error', msg: error.stack });
      this.send({ command: 'fail', id: tuple.id });
    }
  }
}

module.exports = { Spout, Bolt };
