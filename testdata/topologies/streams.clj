(ns streams
  (:use [backtype.storm.clojure]
        [streamparse.specs]))

(defn streams
  "All that inputs and outputs can be."
  [options]
  [{"pages" (python-spout-spec options "spouts.Pages" {"default" ["url"] "errors" ["url" "reason"]})
    "clock" (shell-spout-spec "node" "clock.js" [])}
   {"aim"   (python-bolt-spec options {"pages" :local-or-shuffle ["pages" "errors"] []}
                              "bolts.Aim" {"aimed" (direct-stream ["url"])})
    "fetch" (python-bolt-spec options {["aim" "aimed"] :direct "clock" :all}
                              "bolts.Fetch" ["url" "text"] :p 2)
    "odd"   (python-bolt-spec options {"fetch" nil ["pages" "errors"] :global ["pages" "default"] :none}
                              "bolts.Odd" nil)}])
