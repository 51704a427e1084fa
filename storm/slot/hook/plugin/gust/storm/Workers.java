package gust.storm;

import java.io.File;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.storm.container.DefaultResourceIsolationManager;
import org.apache.storm.daemon.supervisor.ExitCodeCallback;

/** Storm's DefaultResourceIsolationManager, whose workers gust runs if their topology asks for it. */
public class Workers extends DefaultResourceIsolationManager {
    @Override
    public void launchWorkerProcess(String user, String topologyId, Map<String, Object> topoConf, int port, String workerId,
                                    List<String> command, Map<String, String> env, String logPrefix,
                                    ExitCodeCallback processExitCallback, File targetDir) throws IOException {
        super.launchWorkerProcess(user, topologyId, topoConf, port, workerId, Launch.command(conf, topoConf, command), env,
                                  logPrefix, processExitCallback, targetDir);
    }
}
