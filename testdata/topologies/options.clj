(ns options
  (:require [streamparse.specs :as specs])
  (:use [backtype.storm config]))

(def package "acme.bolts")
(def ^:private tick {TOPOLOGY-TICK-TUPLE-FREQ-SECS 10})

(defn- class-of [module name] (str package "." module "." name))

(defn writer
  ([options from] (writer options from 1))
  ([options from p]
   (specs/python-bolt-spec options {from :shuffle} (class-of "write" "Writer") [] :p p :conf tick)))

(defn options [options]
  (let [workers (or (get options "acme.workers") 2)
        wide    (* 2 workers)
        conf    (merge tick {"acme.mode" (if (= workers 2) "plain" (name :wide))
                             "acme.pending" (options "topology.max.spout.pending")})]
    [{"rows" (specs/python-spout-spec options "acme.spouts.Rows" ["row"] :p (max 1 (dec workers)))}
     {"parse" (specs/python-bolt-spec options {"rows" :shuffle} (class-of "parse" "Parse") ["key" "value"]
                                      :parallelism-hint wide :conf conf)
      "write" (writer options "parse")
      "audit" (writer options "parse" (get options "acme.auditors" 3))}]))
