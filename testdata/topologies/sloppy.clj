#!/usr/bin/env lein
(ns other-name (:use [streamparse.specs]))
#_(defn old [options] [{} {}])
(comment (defn older [options] nope))

(defn another-name [options] [
  {"x-spout" (python-spout-spec options "spouts.x.X" ["word"] #_["sentence"] :p 1)}
  {"y-bolt" (python-bolt-spec options {"x-spout":shuffle} "bolts.y.Y" ["word","count"])}
  {"z-bolt" (python-bolt-spec options {"y-bolt" :shuffle} "bolts.z.Z" [])}
])

(defn -main [& args] (System/exit 0))
