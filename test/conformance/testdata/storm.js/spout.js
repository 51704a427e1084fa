const fs = require('fs')
const storm = require('storm')

// Does one of its steps for each next, and emits the acks and fails of its tuples. Like
// most spouts it keeps storm.js's activate and deactivate, which never call done.
class Spout extends storm.Spout {
  initialize(conf, context, done) {
    this.components = context['task->component']
    this.steps = JSON.parse(fs.readFileSync(conf['conformance.steps'])).entries()
    done()
  }

  nextTuple(done) {
    const { value: step } = this.steps.next()
    if (!step) return done()
    const [number, [verb, value]] = step
    this[verb](number, value, done)
  }

  ack(id, done) {
    this.emit({ tuple: ['acked', id] }, () => done())
  }

  fail(id, done) {
    this.emit({ tuple: ['failed', id] }, () => done())
  }

  reliable(number, value, done) {
    this.emit({ tuple: ['reliable', value], id: number }, () => done())
  }

  unreliable(number, value, done) {
    this.emit({ tuple: ['unreliable', value] }, () => done())
  }

  direct(number, task, done) {
    this.emitDirect({ tuple: ['direct', task], id: number, stream: 'direct', task })
    done()
  }

  tasks(number, value, done) {
    this.emit({ tuple: ['spread', value], id: number, stream: 'spread' }, tasks => {
      this.emit({ tuple: ['tasks', tasks.sort()] }, () => done())
    })
  }

  context(number, task, done) {
    this.emit({ tuple: ['context', this.components[task]] }, () => done())
  }

  log(number, text, done) {
    for (const level of ['Trace', 'Debug', 'Info', 'Warn', 'Error']) this['log' + level](text)
    done()
  }
}

new Spout().run()
