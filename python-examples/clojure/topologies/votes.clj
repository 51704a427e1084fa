(ns votes
  (:use     [streamparse.specs])
  (:gen-class))

(defn votes [options]
   [
    ;; spouts
    {"ballot-spout" (python-spout-spec
          options
          "spouts.ballots.BallotSpout"
          ["district" "choice"]
          )
    }
    ;; bolts
    {"check-bolt" (python-bolt-spec
          options
          {"ballot-spout" :shuffle}
          "bolts.check.CheckBolt"
          {"valid" ["district" "choice"]
           "void"  ["district"]}
          :p 2
          )
     "tally-bolt" (python-bolt-spec
          options
          ;; all votes of a district are counted by one task
          {["check-bolt" "valid"] ["district"]}
          "bolts.tally.TallyBolt"
          ["district" "choice" "count"]
          :p (get options "votes.counters" 2)
          )
     "record-bolt" (python-bolt-spec
          options
          {"tally-bolt" :shuffle
           ["check-bolt" "void"] :global}
          "bolts.record.RecordBolt"
          []
          )
    }
  ]
)
