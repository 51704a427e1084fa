;; Only sparse reads this file, for the JAR that it submits; gust does not need it.
(defproject votes "0.1.0-SNAPSHOT"
  :resource-paths ["_resources"]
  :target-path "_build"
  :dependencies [[org.apache.storm/storm-core "1.1.0"]
                 [org.apache.storm/flux-core "1.1.0"]])
