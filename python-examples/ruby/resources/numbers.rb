require_relative "storm"

# Starts Collatz sequences at 1 to numbers.count, and again those that failed.
class Numbers < Storm::Spout
  def setup(conf, _context)
    @count = conf["numbers.count"]
    @last = 0
  end

  def next_tuple
    start(@last += 1) if @last < @count
  end

  def fail(id)
    start(id)
  end

  private

  def start(number)
    emit([number, number, 0], id: number)
  end
end

Numbers.new.run
