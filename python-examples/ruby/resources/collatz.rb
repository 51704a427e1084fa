require_relative "storm"

# Takes one step of a Collatz sequence and sends the number round again, until it is 1.
class Collatz < Storm::Bolt
  def process(tuple)
    start, number, steps = tuple["tuple"]
    if number == 1
      emit([start, steps], stream: "arrived", anchors: [tuple["id"]])
    else
      number = number.even? ? number / 2 : 3 * number + 1
      emit([start, number, steps + 1], anchors: [tuple["id"]])
    end
  end
end

Collatz.new.run
