const storm = require('storm')

// Executes its tuples: a verb and a value each.
class Bolt extends storm.BasicBolt {
  initialize(conf, context, done) {
    this.components = context['task->component']
    this.held = []
    done()
  }

  process(tup, done) {
    if (tup.isTickTuple()) {
      this.emit({ tuple: ['tick', tup.values[0]] }, () => done())
      return
    }
    const [verb, value] = tup.values
    this['do_' + verb](tup, value, done)
  }

  do_anchored(tup, value, done) {
    this.emit({ tuple: ['anchored', value], anchorTupleId: tup.id }, () => done())
  }

  do_unanchored(tup, value, done) {
    this.emit({ tuple: ['unanchored', value] }, () => done())
  }

  do_fail(tup, value, done) {
    done(new Error(value))
  }

  do_hold(tup, value, done) {
    this.held.push({ tup, done })
  }

  do_join(tup, value, done) {
    const joined = [...this.held, { tup, done }]
    this.held = []
    this.emit({
      tuple: ['join', joined.map(({ tup }) => tup.values[1])],
      anchorTupleId: joined.map(({ tup }) => tup.id)
    }, () => {
      for (const { done } of joined) done()
    })
  }

  do_direct(tup, task, done) {
    this.emitDirect({ tuple: ['direct', task], anchorTupleId: tup.id, stream: 'direct', task })
    done()
  }

  do_tasks(tup, value, done) {
    this.emit({ tuple: ['spread', value], anchorTupleId: tup.id, stream: 'spread' }, tasks => {
      this.emit({ tuple: ['tasks', tasks.sort()] }, () => done())
    })
  }

  do_context(tup, task, done) {
    this.emit({ tuple: ['context', this.components[task]] }, () => done())
  }

  do_log(tup, text, done) {
    for (const level of ['Trace', 'Debug', 'Info', 'Warn', 'Error']) this['log' + level](text)
    done()
  }
}

new Bolt().run()
