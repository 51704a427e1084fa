require_relative "storm"

# Appends each tuple to COMPONENT-TASK.jsonl in the folder that results.dir names.
class Record < Storm::Bolt
  def setup(conf, context)
    folder = conf["results.dir"]
    @path = File.join(folder, "#{context["componentid"]}-#{context["taskid"]}.jsonl") if folder
  end

  def process(tuple)
    File.write(@path, "#{JSON.generate(tuple["tuple"])}\n", mode: "a") if @path
  end
end

Record.new.run
