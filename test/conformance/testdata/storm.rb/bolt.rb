require 'storm'

# Executes its tuples: a verb and a value each.
class Bolt < Storm::Bolt
  def prepare(_conf, context)
    @components = context['task->component']
    @held = []
  end

  def process(tup)
    if tup.stream == '__tick'
      emit ['tick', tup.values[0]]
      ack tup
      return
    end
    verb, value = tup.values
    send "do_#{verb}", tup, value
    ack tup unless %w[fail hold].include? verb
  end

  def do_anchored(tup, value)
    emit ['anchored', value], anchor: tup
  end

  def do_unanchored(_tup, value)
    emit ['unanchored', value]
  end

  def do_fail(tup, _value)
    fail tup
  end

  def do_hold(tup, _value)
    @held << tup
  end

  def do_join(tup, _value)
    joined = @held + [tup]
    emit ['join', joined.map { |t| t.values[1] }], anchors: joined
    @held.each { |held| ack held }
    @held = []
  end

  def do_direct(tup, task)
    emit ['direct', task], anchor: tup, stream: 'direct', direct_task: task
  end

  def do_tasks(tup, value)
    tasks = emit ['spread', value], anchor: tup, stream: 'spread'
    emit ['tasks', tasks.sort]
  end

  def do_context(_tup, task)
    emit ['context', @components[task.to_s]]
  end

  def do_log(_tup, text)
    %i[logTrace logDebug logInfo logWarn logError].each { |level| send level, text }
  end

  def do_error(_tup, text)
    reportError text
  end
end

Bolt.new.run
