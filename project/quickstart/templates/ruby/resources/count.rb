require_relative "storm"

# Counts words. Each word goes to only one task, so its count is complete.
class Count < Storm::Bolt
  def setup(_conf, _context)
    @counts = Hash.new(0)
    @total = 0
  end

  def process(tuple)
    word, = tuple["tuple"]
    count = @counts[word] += 1
    @total += 1
    log("#{@total} words, #{word} #{count} times") if (@total % 100_000).zero?
    emit([word, count], anchors: [tuple["id"]])
  end
end

Count.new.run
