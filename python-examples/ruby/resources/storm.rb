# Storm's multilang protocol for Ruby, with the standard library alone: a
# component is a subclass of Storm::Spout or Storm::Bolt and ends with `It.new.run`.
require "json"

$stdin.set_encoding("UTF-8")

module Storm
  class Component
    def setup(conf, context); end

    def run
      handshake = read
      File.write(File.join(handshake["pidDir"], Process.pid.to_s), "")
      deliver(pid: Process.pid)
      setup(handshake["conf"], handshake["context"])
      loop { handle(read) }
    end

    # Sends a tuple; options are id (spouts), anchors (bolts), stream and task.
    def emit(tuple, **options)
      deliver(command: "emit", tuple: tuple, need_task_ids: false, **options)
    end

    def log(text)
      deliver(command: "log", msg: text.to_s)
    end

    private

    def read
      message = +""
      while (line = $stdin.gets)
        return JSON.parse(message) if line == "end\n"

        message << line
      end
      exit # The host has closed the pipe.
    end

    def deliver(message)
      $stdout.write(JSON.generate(message), "\nend\n")
      $stdout.flush
    end
  end

  class Spout < Component
    def next_tuple; end
    def ack(id); end
    def fail(id); end
    def activate; end
    def deactivate; end

    private

    def handle(message)
      case message["command"]
      when "next" then next_tuple
      when "ack" then ack(message["id"])
      when "fail" then fail(message["id"])
      when "activate" then activate
      when "deactivate" then deactivate
      end
      deliver(command: "sync")
    end
  end

  class Bolt < Component
    def process(tuple); end
    def tick; end

    private

    # Acks the tuple, or fails it if process raises.
    def handle(tuple)
      return deliver(command: "sync") if tuple["stream"] == "__heartbeat"

      tuple["stream"] == "__tick" ? tick : process(tuple)
      deliver(command: "ack", id: tuple["id"])
    rescue StandardError => e
      deliver(command: "error", msg: e.full_message(highlight: false))
      deliver(command: "fail", id: tuple["id"])
    end
  end
end
