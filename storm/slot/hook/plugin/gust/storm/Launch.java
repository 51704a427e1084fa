package gust.storm;

import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts gust in front of the command of a worker whose topology asks for it. */
final class Launch {
    private static final Logger LOG = LoggerFactory.getLogger(Launch.class);

    private Launch() {
    }

    static List<String> command(Map<String, Object> conf, Map<String, Object> topoConf, List<String> command) {
        if (!"true".equals(String.valueOf(topoConf.get("gust.workers")))) {
            return command;
        }
        String gust = String.valueOf(conf.get("gust.executable"));
        if (!new File(gust).canExecute()) {
            LOG.error("gust.workers is set, but gust.executable, {}, cannot be executed: starting a Java worker", gust);
            return command;
        }
        List<String> extended = new ArrayList<>();
        extended.add(gust);
        extended.add("__storm-worker");
        extended.addAll(command);
        return extended;
    }
}
