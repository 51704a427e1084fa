// A bolt without an adapter that accepts packs: it reads many tuples in one message, and
// answers them in one.
const fs = require('fs');
const path = require('path');

const say = (message) => process.stdout.write(JSON.stringify(message) + '\nend\n');
let rest = '';

process.stdin.on('data', (chunk) => {
  const texts = (rest + chunk).split('\nend\n');
  rest = texts.pop();
  texts.forEach((text) => handle(JSON.parse(text)));
});

function handle(message) {
  if (message.pidDir) {
    fs.writeFileSync(path.join(message.pidDir, String(process.pid)), '');
    const packs = message.conf['gust.packs'] === 1 ? 1 : undefined; // undefined is left out
    say({ pid: process.pid, packs });
  } else if (message.stream === '__heartbeat') {
    say({ command: 'sync' });
  } else if (message.tuples) {
    const pack = [];
    for (let i = 0; i < message.tuples.length; i += 2) {
      const [id, values] = [message.tuples[i], message.tuples[i + 1]];
      pack.push([values.map((value) => value.toUpperCase()), id], id); // an emit, and an ack
    }
    say({ pack });
  } else {
    throw new Error('a tuple by itself');
  }
}
