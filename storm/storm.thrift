// The part of Storm's Nimbus service that gust uses, written down from what
// goes over the wire: names, field ids and types are Storm's, and hold for
// Storm 1.x and 2.x alike. What only one of them knows is marked.
//
// A field that a Nimbus sends and this file does not have is skipped, and one
// that this file has and an older Nimbus does not send is unset. So every field
// that Storm 2 has added is optional here.
//
// `make gen` turns this file into the package generated.

namespace go generated

// ---- The topology ----

// An argument of a Java constructor.
union JavaObjectArg {
  1: i32 int_arg
  2: i64 long_arg
  3: string string_arg
  4: bool bool_arg
  5: binary binary_arg
  6: double double_arg
}

// A Java object that the worker makes: a class, and its constructor's arguments.
struct JavaObject {
  1: required string full_class_name
  2: required list<JavaObjectArg> args_list
}

// The value of a grouping that needs no more than its name.
struct NullStruct {
}

// A stream of a component.
struct GlobalStreamId {
  1: required string componentId
  2: required string streamId
}

// How a stream's tuples are spread over a bolt's tasks.
union Grouping {
  1: list<string> fields            // an empty list is the global grouping
  2: NullStruct shuffle
  3: NullStruct all
  4: NullStruct none
  5: NullStruct direct
  6: JavaObject custom_object
  7: binary custom_serialized       // a Java object as Java serializes it
  8: NullStruct local_or_shuffle
}

struct StreamInfo {
  1: required list<string> output_fields
  2: required bool direct
}

// A component that is a program. Storm hands it the script as one argument.
struct ShellComponent {
  1: string execution_command
  2: string script
}

// What a component is made of: exactly one of the three.
union ComponentObject {
  1: binary serialized_java
  2: ShellComponent shell
  3: JavaObject java_object
}

struct ComponentCommon {
  1: required map<GlobalStreamId, Grouping> inputs
  2: required map<string, StreamInfo> streams
  3: optional i32 parallelism_hint
  4: optional string json_conf
}

struct SpoutSpec {
  1: required ComponentObject spout_object
  2: required ComponentCommon common
}

struct Bolt {
  1: required ComponentObject bolt_object
  2: required ComponentCommon common
}

// Storm never finished state spouts, but their map must be sent.
struct StateSpoutSpec {
  1: required ComponentObject state_spout_object
  2: required ComponentCommon common
}

// Memory that components of a worker or a node share.
struct SharedMemory {
  1: required string name
  2: optional double on_heap
  3: optional double off_heap_worker
  4: optional double off_heap_node
}

// storm_version (7) and jdk_version (8) are left out: a Nimbus refuses versions
// that it is not configured for.
struct StormTopology {
  1: required map<string, SpoutSpec> spouts
  2: required map<string, Bolt> bolts
  3: required map<string, StateSpoutSpec> state_spouts
  4: optional list<binary> worker_hooks
  5: optional list<string> dependency_jars
  6: optional list<string> dependency_artifacts
  7: optional string storm_version    // that of the submitting client
  9: optional map<string, set<string>> component_to_shared_memory   // 2.x
  10: optional map<string, SharedMemory> shared_memory              // 2.x
}

// ---- What Nimbus refuses ----

exception AlreadyAliveException {
  1: required string msg
}

exception NotAliveException {
  1: required string msg
}

exception AuthorizationException {
  1: required string msg
}

exception InvalidTopologyException {
  1: required string msg
}

exception KeyNotFoundException {
  1: required string msg
}

// ---- The cluster ----

struct TopologySummary {
  1: required string id
  2: required string name
  3: required i32 num_tasks
  4: required i32 num_executors
  5: required i32 num_workers
  6: required i32 uptime_secs
  7: required string status           // ACTIVE, INACTIVE, REBALANCING or KILLED
  8: optional string storm_version    // 2.x
  513: optional string sched_status
  514: optional string owner
  515: optional i32 replication_count
  521: optional double requested_memonheap
  522: optional double requested_memoffheap
  523: optional double requested_cpu
  524: optional double assigned_memonheap
  525: optional double assigned_memoffheap
  526: optional double assigned_cpu
}

struct SupervisorSummary {
  1: required string host
  2: required i32 uptime_secs
  3: required i32 num_workers         // slots
  4: required i32 num_used_workers
  5: required string supervisor_id
  6: optional string version
  7: optional map<string, double> total_resources
  8: optional double used_mem
  9: optional double used_cpu
  12: optional bool blacklisted       // 2.x
}

struct NimbusSummary {
  1: required string host
  2: required i32 port
  3: required i32 uptime_secs
  4: required bool isLeader
  5: required string version
  6: optional i32 tlsPort             // 2.8
}

struct ClusterSummary {
  1: required list<SupervisorSummary> supervisors
  2: optional i32 nimbus_uptime_secs  // 1.x
  3: required list<TopologySummary> topologies
  4: required list<NimbusSummary> nimbuses
}

// ---- A topology that runs ----

struct ErrorInfo {
  1: required string error
  2: required i32 error_time_secs     // Unix time
  3: optional string host
  4: optional i32 port
}

// The outer keys of all stats are windows: "600", "10800", "86400" (seconds)
// and ":all-time". A count is absent until it is not 0.
struct BoltStats {
  1: required map<string, map<GlobalStreamId, i64>> acked
  2: required map<string, map<GlobalStreamId, i64>> failed
  3: required map<string, map<GlobalStreamId, double>> process_ms_avg
  4: required map<string, map<GlobalStreamId, i64>> executed
  5: required map<string, map<GlobalStreamId, double>> execute_ms_avg
}

struct SpoutStats {
  1: required map<string, map<string, i64>> acked
  2: required map<string, map<string, i64>> failed
  3: required map<string, map<string, double>> complete_ms_avg
}

union ExecutorSpecificStats {
  1: BoltStats bolt
  2: SpoutStats spout
}

struct ExecutorStats {
  1: required map<string, map<string, i64>> emitted
  2: required map<string, map<string, i64>> transferred
  3: required ExecutorSpecificStats specific
  4: required double rate
}

// The tasks of an executor, both ends included.
struct ExecutorInfo {
  1: required i32 task_start
  2: required i32 task_end
}

struct ExecutorSummary {
  1: required ExecutorInfo executor_info
  2: required string component_id
  3: required string host
  4: required i32 port
  5: required i32 uptime_secs         // 0 until its worker has reported
  7: optional ExecutorStats stats
}

struct DebugOptions {
  1: optional bool enable
  2: optional double samplingpct
}

struct TopologyInfo {
  1: required string id
  2: required string name
  3: required i32 uptime_secs
  4: required list<ExecutorSummary> executors
  5: required string status
  6: required map<string, list<ErrorInfo>> errors
  7: optional map<string, DebugOptions> component_debug
  8: optional string storm_version    // 2.x
  513: optional string sched_status
  514: optional string owner
  515: optional i32 replication_count
}

enum NumErrorsChoice {
  ALL = 0
  NONE = 1
  ONE = 2
}

struct GetInfoOptions {
  1: optional NumErrorsChoice num_err_choice
}

// ---- Pages: what Storm's UI shows ----

struct CommonAggregateStats {
  1: optional i32 num_executors
  2: optional i32 num_tasks
  3: optional i64 emitted
  4: optional i64 transferred
  5: optional i64 acked
  6: optional i64 failed
  7: optional map<string, double> resources_map
}

struct SpoutAggregateStats {
  1: optional double complete_latency_ms
}

struct BoltAggregateStats {
  1: optional double execute_latency_ms
  2: optional double process_latency_ms
  3: optional i64 executed
  4: optional double capacity
}

union SpecificAggregateStats {
  1: BoltAggregateStats bolt
  2: SpoutAggregateStats spout
}

enum ComponentType {
  BOLT = 1
  SPOUT = 2
}

struct ComponentAggregateStats {
  1: optional ComponentType type
  2: optional CommonAggregateStats common_stats
  3: optional SpecificAggregateStats specific_stats
  4: optional ErrorInfo last_error
}

struct TopologyStats {
  1: optional map<string, i64> window_to_emitted
  2: optional map<string, i64> window_to_transferred
  3: optional map<string, double> window_to_complete_latencies_ms
  4: optional map<string, i64> window_to_acked
  5: optional map<string, i64> window_to_failed
}

struct WorkerSummary {
  1: optional string supervisor_id
  2: optional string host
  3: optional i32 port
  4: optional string topology_id
  5: optional string topology_name
  6: optional i32 num_executors
  7: optional map<string, i64> component_to_num_tasks
  8: optional i32 time_secs
  9: optional i32 uptime_secs
  521: optional double requested_memonheap
  522: optional double requested_memoffheap
  523: optional double requested_cpu
  524: optional double assigned_memonheap
  525: optional double assigned_memoffheap
  526: optional double assigned_cpu
}

struct SupervisorPageInfo {
  1: optional list<SupervisorSummary> supervisor_summaries
  2: optional list<WorkerSummary> worker_summaries
}

struct TopologyPageInfo {
  1: required string id
  2: optional string name
  3: optional i32 uptime_secs
  4: optional string status
  5: optional i32 num_tasks
  6: optional i32 num_workers
  7: optional i32 num_executors
  8: optional string topology_conf    // JSON
  9: optional map<string, ComponentAggregateStats> id_to_spout_agg_stats
  10: optional map<string, ComponentAggregateStats> id_to_bolt_agg_stats
  11: optional string sched_status
  12: optional TopologyStats topology_stats
  13: optional string owner
  14: optional DebugOptions debug_options
  15: optional i32 replication_count
  16: optional list<WorkerSummary> workers
  17: optional string storm_version   // 2.x
  521: optional double requested_memonheap
  522: optional double requested_memoffheap
  523: optional double requested_cpu
  524: optional double assigned_memonheap
  525: optional double assigned_memoffheap
  526: optional double assigned_cpu
}

struct ExecutorAggregateStats {
  1: optional ExecutorSummary exec_summary
  2: optional ComponentAggregateStats stats
}

struct ComponentPageInfo {
  1: required string component_id
  2: required ComponentType component_type
  3: optional string topology_id
  4: optional string topology_name
  5: optional i32 num_executors
  6: optional i32 num_tasks
  7: optional map<string, ComponentAggregateStats> window_to_stats
  8: optional map<GlobalStreamId, ComponentAggregateStats> gsid_to_input_stats
  9: optional map<string, ComponentAggregateStats> sid_to_output_stats
  10: optional list<ExecutorAggregateStats> exec_stats
  11: optional list<ErrorInfo> errors
  12: optional string eventlog_host
  13: optional i32 eventlog_port
  14: optional DebugOptions debug_options
  15: optional string topology_status
  16: optional map<string, double> resources_map
}

// ---- What Nimbus is told to do ----

struct KillOptions {
  1: optional i32 wait_secs
}

struct RebalanceOptions {
  1: optional i32 wait_secs
  2: optional i32 num_workers
  3: optional map<string, i32> num_executors
}

struct Credentials {
  1: required map<string, string> creds
}

enum TopologyInitialStatus {
  ACTIVE = 1
  INACTIVE = 2
}

struct SubmitOptions {
  1: required TopologyInitialStatus initial_status
  2: optional Credentials creds
}

enum LogLevelAction {
  UNCHANGED = 1
  UPDATE = 2
  REMOVE = 3
}

struct LogLevel {
  1: required LogLevelAction action
  2: optional string target_log_level
  3: optional i32 reset_log_level_timeout_secs    // 0 is never
  4: optional i64 reset_log_level_timeout_epoch   // set by Nimbus
  5: optional string reset_log_level
}

struct LogConfig {
  2: optional map<string, LogLevel> named_logger_level
}

struct BeginDownloadResult {
  1: required i64 version
  2: required string session
  3: optional i64 data_size
}

// What a worker, its supervisor and Nimbus tell one another: through files on the
// supervisor's machine and through ZooKeeper. Assignment is not here: its maps have lists
// as keys, which Go's maps cannot have (storm/slot/assignment.go reads it).

enum TopologyStatus {
  ACTIVE = 1
  INACTIVE = 2
  REBALANCING = 3
  KILLED = 4
}

struct StormBase {
  1: required string name
  2: required TopologyStatus status
  3: required i32 num_workers
  4: optional map<string, i32> component_executors
  5: optional i32 launch_time_secs
  9: optional map<string, DebugOptions> component_debug
}

struct NodeInfo {
  1: required string node             // the supervisor's id
  2: required set<i64> port
}

struct ClusterWorkerHeartbeat {
  1: required string storm_id
  2: required map<ExecutorInfo, ExecutorStats> executor_stats
  3: required i32 time_secs           // Unix time; i64 in 3.0
  4: required i32 uptime_secs
}

struct ThriftSerializedObject {
  1: required string name             // the Java class
  2: required binary bits
}

struct LocalStateData {
  1: required map<string, ThriftSerializedObject> serialized_parts
}

struct SupervisorWorkerHeartbeat {
  1: required string storm_id
  2: required list<ExecutorInfo> executors
  3: required i32 time_secs           // Unix time; i64 in 3.0
}

struct LSWorkerHeartbeat {
  1: required i32 time_secs           // Unix time; i64 in 3.0
  2: required string topology_id
  3: required list<ExecutorInfo> executors
  4: required i32 port
}

service Nimbus {
  void submitTopologyWithOpts(1: string name, 2: string uploadedJarLocation, 3: string jsonConf, 4: StormTopology topology, 5: SubmitOptions options)
    throws (1: AlreadyAliveException e, 2: InvalidTopologyException ite, 3: AuthorizationException aze)
  void killTopologyWithOpts(1: string name, 2: KillOptions options) throws (1: NotAliveException e, 2: AuthorizationException aze)
  void activate(1: string name) throws (1: NotAliveException e, 2: AuthorizationException aze)
  void deactivate(1: string name) throws (1: NotAliveException e, 2: AuthorizationException aze)
  void rebalance(1: string name, 2: RebalanceOptions options)
    throws (1: NotAliveException e, 2: InvalidTopologyException ite, 3: AuthorizationException aze)

  // These two take a topology's id, although Storm calls it a name.
  void setLogConfig(1: string name, 2: LogConfig config)
  LogConfig getLogConfig(1: string name)

  // Samples the tuples of a component, or with an empty one of all.
  void debug(1: string name, 2: string component, 3: bool enable, 4: double samplingPercentage)
    throws (1: NotAliveException e, 2: AuthorizationException aze)

  string beginFileUpload() throws (1: AuthorizationException aze)
  void uploadChunk(1: string location, 2: binary chunk) throws (1: AuthorizationException aze)
  void finishFileUpload(1: string location) throws (1: AuthorizationException aze)

  BeginDownloadResult beginBlobDownload(1: string key) throws (1: AuthorizationException aze, 2: KeyNotFoundException knf)
  binary downloadBlobChunk(1: string session) throws (1: AuthorizationException aze)

  string getNimbusConf() throws (1: AuthorizationException aze)
  ClusterSummary getClusterInfo() throws (1: AuthorizationException aze)
  NimbusSummary getLeader() throws (1: AuthorizationException aze)
  bool isTopologyNameAllowed(1: string name) throws (1: AuthorizationException aze)

  TopologyInfo getTopologyInfo(1: string id) throws (1: NotAliveException e, 2: AuthorizationException aze)
  TopologyInfo getTopologyInfoWithOpts(1: string id, 2: GetInfoOptions options)
    throws (1: NotAliveException e, 2: AuthorizationException aze)
  TopologyPageInfo getTopologyPageInfo(1: string id, 2: string window, 3: bool is_include_sys)
    throws (1: NotAliveException e, 2: AuthorizationException aze)
  SupervisorPageInfo getSupervisorPageInfo(1: string id, 2: string host, 3: bool is_include_sys)
    throws (1: NotAliveException e, 2: AuthorizationException aze)
  ComponentPageInfo getComponentPageInfo(1: string topology_id, 2: string component_id, 3: string window, 4: bool is_include_sys)
    throws (1: NotAliveException e, 2: AuthorizationException aze)
  string getTopologyConf(1: string id) throws (1: NotAliveException e, 2: AuthorizationException aze)
  StormTopology getTopology(1: string id) throws (1: NotAliveException e, 2: AuthorizationException aze)
  StormTopology getUserTopology(1: string id) throws (1: NotAliveException e, 2: AuthorizationException aze)

  void sendSupervisorWorkerHeartbeat(1: SupervisorWorkerHeartbeat heartbeat)
    throws (1: AuthorizationException aze, 2: NotAliveException e)   // 2.x
}
