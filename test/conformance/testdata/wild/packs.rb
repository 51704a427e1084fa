# A bolt without an adapter that accepts packs: it reads many tuples in one message, and
# answers them in one.
require "json"

def say(message)
  $stdout.write(JSON.generate(message) + "\nend\n")
  $stdout.flush
end

while (line = $stdin.gets)
  message = JSON.parse(line)
  $stdin.gets # end
  if message["pidDir"]
    File.write(File.join(message["pidDir"], Process.pid.to_s), "")
    greeting = { pid: Process.pid }
    greeting[:packs] = 1 if message["conf"]["gust.packs"] == 1
    say(greeting)
  elsif message["stream"] == "__heartbeat"
    say({ command: "sync" })
  elsif message["tuples"]
    answers = message["tuples"].each_slice(2).flat_map do |id, values|
      [[values.map(&:upcase), id], id] # an emit, and an ack
    end
    say({ pack: answers })
  else
    raise "a tuple by itself"
  end
end
