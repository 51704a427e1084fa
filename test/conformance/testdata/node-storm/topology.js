const fs = require('fs')
const storm = require('node-storm')

// A node-storm program is a whole topology. Started with a handshake on its
// stdin it becomes the component that the handshake names.

// The spout does one of its steps for each next, and emits the acks and fails of its
// tuples. node-storm does not know activate, and would never answer it.
let steps

const spout = storm.spout(function (sync) {
  steps ||= JSON.parse(fs.readFileSync(this.context().config('conformance.steps'))).entries()
  const { value: step } = steps.next()
  if (!step) return sync()
  const [number, [verb, value]] = step
  const emit = this.emit
  ;({
    reliable: () => emit(['reliable', value], { id: number }),
    unreliable: () => emit(['unreliable', value]),
    direct: () => emit(['direct', value], { id: number, stream: 'direct', task: value }),
    tasks: () => emit(['spread', value], { id: number, stream: 'spread' }).then(tasks => emit(['tasks', tasks.sort()])),
    log: () => this.log(value)
  })[verb]()
  sync()
})
spout.on('ack', ({ id }) => {
  spout.collector.emit(['acked', id])
  spout.collector.sync()
})
spout.on('fail', ({ id }) => {
  spout.collector.emit(['failed', id])
  spout.collector.sync()
})

// A bolt that executes its tuples: a verb and a value each.
const held = []

function process(tup) {
  if (tup.stream === '__tick') {
    this.emit(['tick', tup.tuple[0]])
    this.ack(tup)
    return
  }
  const [verb, value] = tup.tuple
  const options = { anchors: [tup.id] }
  const ack = () => this.ack(tup)
  ;({
    anchored: () => { this.emit(['anchored', value], options); ack() },
    unanchored: () => { this.emit(['unanchored', value]); ack() },
    fail: () => this.fail(tup),
    hold: () => held.push(tup),
    join: () => {
      const joined = [...held.splice(0), tup]
      this.emit(['join', joined.map(t => t.tuple[1])], { anchors: joined.map(t => t.id) })
      joined.forEach(t => this.ack(t))
    },
    direct: () => { this.emit(['direct', value], { ...options, stream: 'direct', task: value }); ack() },
    tasks: () => {
      this.emit(['spread', value], { ...options, stream: 'spread' }).then(tasks => this.emit(['tasks', tasks.sort()]))
      ack()
    },
    log: () => { this.log(value); ack() }
  })[verb]()
}

const builder = storm.topologybuilder()
builder.setSpout('spout', spout)
builder.setBolt('bolt', storm.bolt(process))
builder.setBolt('idle', storm.bolt(process))
storm.submit(builder.createTopology(), () => {})
