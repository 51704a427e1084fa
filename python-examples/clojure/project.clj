;; Only sparse reads this file, to build the JAR that it needs. gust builds none.
(defproject votes "0.1.0-SNAPSHOT"
  :resource-paths ["_resources"]
  :target-path "_build"
  :dependencies [[org.apache.storm/storm-core "1.1.0"]
                 [org.apache.storm/flux-core "1.1.0"]])
