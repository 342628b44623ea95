// The functions of the running executable that the pump calls or recognises, looked up by name when it loads.
//
// Guarantee: nothing is linked against V8 or Node itself. A runtime without one of the required names is told
// apart by a missing symbol, not by a crash, and the missing name is the reason that `canRun()` shows.
#pragma once
#include <dlfcn.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>

namespace isthmus {

// A v8::Local<T> is one pointer wide on every supported line, and a napi_value holds the same pointer.
using Ptr = void*;

// node::async_context.
struct AsyncContext {
  double id, trigger;
};

struct Symbols {
  Ptr (*current_isolate)();
  Ptr (*current_context)(Ptr isolate);
  Ptr (*microtask_queue)(Ptr context);
  bool (*is_running_microtasks)(Ptr isolate);
  void (*suppress_enter)(Ptr scope, Ptr isolate, Ptr queue);
  void (*suppress_leave)(Ptr scope);
  void (*terminate)(Ptr isolate);
  void (*try_enter)(Ptr scope, Ptr isolate);
  void (*try_leave)(Ptr scope);
  void (*try_verbose)(Ptr scope, bool value);
  bool (*try_has_caught)(Ptr scope);
  bool (*try_has_terminated)(Ptr scope);
  Ptr (*call)(Ptr function, Ptr context, Ptr receiver, int argc, Ptr* argv);
  void (*scope_enter)(Ptr scope, Ptr isolate, Ptr resource, AsyncContext context);
  void (*scope_leave)(Ptr scope);
  void (*set_stack_limit)(Ptr isolate, uintptr_t limit);
  int (*promise_state)(Ptr promise);
  Ptr (*promise_result)(Ptr promise);
  void (*mark_handled)(Ptr promise);
  void (*checkpoint)(Ptr isolate);
  Ptr (*environment)(Ptr context);
  void (*native_immediates)(Ptr environment, bool only_referenced);
  Ptr check_immediate;  // Node's own uv_check callback
  Ptr run_timers;       // Node's own uv_timer callback
  Ptr handle_close;     // Node's own uv_close callback
  Ptr async_hooks;      // the virtual table of Node's own object for async hooks; absent, more care is taken
  bool (*pop_async_context)(Ptr async_hooks, double id);
  // Node's own function for its timers, and what it is given. All or none of these are there.
  Ptr realm;  // the virtual table of the object that has it
  Ptr (*timers_function)(Ptr realm);
  Ptr (*timers_now)(Ptr environment);
  bool (*is_number)(Ptr value);
  double (*number_value)(Ptr number);
  void (*cancel_termination)(Ptr isolate);
  // Where AsyncLocalStorage keeps its frame from Node 24 on; absent before, and then not needed.
  Ptr (*get_frame)(Ptr isolate);
  void (*set_frame)(Ptr isolate, Ptr frame);

  const char* missing = nullptr;

  template <typename T>
  void Need(T& slot, const char* name, const char* elsewhere = nullptr) {
    Ptr found = dlsym(RTLD_DEFAULT, name);
    if (found == nullptr && elsewhere != nullptr) found = dlsym(RTLD_DEFAULT, elsewhere);
    if (found == nullptr && missing == nullptr) missing = name;
    slot = reinterpret_cast<T>(found);
  }

  void Load() {
    Need(current_isolate, "_ZN2v87Isolate13TryGetCurrentEv", "_ZN2v87Isolate10GetCurrentEv");
    Need(current_context, "_ZN2v87Isolate17GetCurrentContextEv");
    Need(microtask_queue, "_ZN2v87Context17GetMicrotaskQueueEv");
    Need(is_running_microtasks, "_ZN2v815MicrotasksScope19IsRunningMicrotasksEPNS_7IsolateE");
    Need(suppress_enter, "_ZN2v87Isolate31SuppressMicrotaskExecutionScopeC1EPS0_PNS_14MicrotaskQueueE");
    Need(suppress_leave, "_ZN2v87Isolate31SuppressMicrotaskExecutionScopeD1Ev");
    Need(terminate, "_ZN2v87Isolate18TerminateExecutionEv");
    Need(try_enter, "_ZN2v88TryCatchC1EPNS_7IsolateE");
    Need(try_leave, "_ZN2v88TryCatchD1Ev");
    Need(try_verbose, "_ZN2v88TryCatch10SetVerboseEb");
    Need(try_has_caught, "_ZNK2v88TryCatch9HasCaughtEv");
    Need(try_has_terminated, "_ZNK2v88TryCatch13HasTerminatedEv");
    Need(call, "_ZN2v88Function4CallENS_5LocalINS_7ContextEEENS1_INS_5ValueEEEiPS5_");
    Need(scope_enter, "_ZN4node13CallbackScopeC1EPN2v87IsolateENS1_5LocalINS1_6ObjectEEENS_13async_contextE");
    Need(scope_leave, "_ZN4node13CallbackScopeD1Ev");
    Need(set_stack_limit, "_ZN2v87Isolate13SetStackLimitEm");
    Need(promise_state, "_ZN2v87Promise5StateEv");
    Need(promise_result, "_ZN2v87Promise6ResultEv");
    Need(mark_handled, "_ZN2v87Promise13MarkAsHandledEv");
    Need(checkpoint, "_ZN2v815MicrotasksScope17PerformCheckpointEPNS_7IsolateE");
    Need(environment, "_ZN4node21GetCurrentEnvironmentEN2v85LocalINS0_7ContextEEE");
    Need(native_immediates, "_ZN4node11Environment27RunAndClearNativeImmediatesEb");
    Need(check_immediate, "_ZN4node11Environment14CheckImmediateEP10uv_check_s");
    Need(handle_close, "_ZN4node10HandleWrap7OnCloseEP11uv_handle_s");
    Need(run_timers, "_ZN4node11Environment9RunTimersEP10uv_timer_s");

    const char* optional = missing;
    Need(get_frame, "_ZN2v87Isolate38GetContinuationPreservedEmbedderDataV2Ev",
         "_ZN2v87Isolate36GetContinuationPreservedEmbedderDataEv");
    Need(set_frame, "_ZN2v87Isolate38SetContinuationPreservedEmbedderDataV2ENS_5LocalINS_4DataEEE",
         "_ZN2v87Isolate36SetContinuationPreservedEmbedderDataENS_5LocalINS_5ValueEEE");
    Need(async_hooks, "_ZTVN4node10AsyncHooksE");
    Need(pop_async_context, "_ZN4node10AsyncHooks17pop_async_contextEd");
    Need(realm, "_ZTVN4node14PrincipalRealmE");
    Need(timers_function, "_ZNK4node14PrincipalRealm24timers_callback_functionEv");
    Need(timers_now, "_ZN4node11Environment6GetNowEv");
    Need(is_number, "_ZNK2v85Value8IsNumberEv");
    Need(number_value, "_ZNK2v86Number5ValueEv");
    Need(cancel_termination, "_ZN2v87Isolate24CancelTerminateExecutionEv");
    if (timers_function == nullptr || timers_now == nullptr || is_number == nullptr || number_value == nullptr || cancel_termination == nullptr)
      realm = nullptr;
    if (get_frame == nullptr || set_frame == nullptr) get_frame = nullptr, set_frame = nullptr;
    missing = optional;
  }
};

// A v8::TryCatch that reports what it catches to the process's handlers, as the loop does outside of a call.
// Without it an exception of a nested callback would stay pending and surface in some unrelated caller.
class Verbose {
 public:
  Verbose(const Symbols& symbols, Ptr isolate) : symbols_(symbols) {
    symbols_.try_enter(space_, isolate);
    symbols_.try_verbose(space_, true);
  }
  ~Verbose() { symbols_.try_leave(space_); }
  bool caught() { return symbols_.try_has_caught(space_); }
  // A termination stops at this scope; whoever sees one must ask for it again, for the frames below.
  bool terminated() { return symbols_.try_has_terminated(space_); }

 private:
  const Symbols& symbols_;
  // The class is 48 bytes on every line seen; the room is more than twice that.
  alignas(16) unsigned char space_[112];
};

}  // namespace isthmus
