require_relative "storm"

WORDS = "the storm bent the reed but the reed kept its root".split

# Emits the words of a proverb, forever, and failed words again.
class Words < Storm::Spout
  def setup(_conf, _context)
    @said = 0
  end

  def next_tuple
    say(@said)
    @said += 1
  end

  def fail(id)
    say(id)
  end

  private

  def say(id)
    emit([WORDS[id % WORDS.size]], id: id)
  end
end

Words.new.run
