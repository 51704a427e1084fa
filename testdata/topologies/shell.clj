; The form of streamparse 0.0: no function, and commands by hand.
(ns shell
  (:use [backtype.storm.clojure])
  (:import [storm.kafka KafkaSpout SpoutConfig ZkHosts]))

(def zookeeper (ZkHosts. "localhost:2181"))
(defn kafka [topic] (KafkaSpout. (SpoutConfig. zookeeper topic "/storm" #"a\"b" @id `x ~y #(inc %))))

(def shell
  [{"words" (shell-spout-spec ["python" "words.py"] ["word"])
    "class" (shell-spout-spec ["python2.7" "-m" "streamparse.run" "spouts.words.Words"] ["word"])
    "topic" (spout-spec (kafka "words") :p 4)}
   {"count" (shell-bolt-spec {"words" ["word"] "class" ["word"] "topic" :shuffle}
                             ["ruby" "count.rb" "--fast"] ["word" "count"] :p 2)}])
