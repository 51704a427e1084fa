(ns plain
  (:use     [streamparse.specs])
  (:gen-class))

;; Orders come in, and are counted by customer.
(defn plain [options]
   [
    ;; spouts
    {"order-spout" (python-spout-spec
          options
          "spouts.orders.OrderSpout"
          ["customer", "cents"]
          )
    }
    ;; bolts
    {"sum-bolt" (python-bolt-spec
          options
          {"order-spout" ["customer"]}
          "bolts.sums.SumBolt"
          ["customer" "total"]
          :p 3
          :conf {"topology.tick.tuple.freq.secs", 5,
                 "sums.file", "/var/lib/sums.json",
                 "sums.limits" {"low" 0.5 "high" [1 2]}}
          )
     "store-bolt" (python-bolt-spec
          options
          {"sum-bolt" :shuffle}
          "bolts.store.StoreBolt"
          []
          )
    }
  ]
)
