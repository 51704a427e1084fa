require 'storm'

# Does one of its steps for each next, and emits the acks and fails of its tuples.
class Spout < Storm::Spout
  def open(conf, context)
    @components = context['task->component']
    @steps = JSON.parse(File.read(conf['conformance.steps']), allow_nan: true).each_with_index.to_a
  end

  def nextTuple
    (verb, value), number = @steps.shift
    send("do_#{verb}", number, value) if verb
  end

  def ack(id)
    emit ['acked', id]
  end

  def fail(id)
    emit ['failed', id]
  end

  def do_reliable(number, value)
    emit ['reliable', value], id: number
  end

  def do_unreliable(_number, value)
    emit ['unreliable', value]
  end

  def do_direct(number, task)
    emit ['direct', task], id: number, stream: 'direct', direct_task: task
  end

  def do_tasks(number, value)
    tasks = emit ['spread', value], id: number, stream: 'spread'
    emit ['tasks', tasks.sort]
  end

  def do_context(_number, task)
    emit ['context', @components[task.to_s]]
  end

  def do_log(_number, text)
    %i[logTrace logDebug logInfo logWarn logError].each { |level| send level, text }
  end

  def do_error(_number, text)
    reportError text
  end
end

Spout.new.run
