// The pump's edge to JavaScript: a dozen functions on Node-API. src/run/pump.ts is their other side and documents
// them. One Loop serves a thread; each copy of the package that is loaded on it has a Client of its own.
#include <node_api.h>

#include <new>

#include "loop.h"

namespace isthmus {
namespace {

Symbols symbols;
Landmarks landmarks;

struct Client {
  napi_env env;
  napi_ref tick = nullptr;      // process._tickCallback
  napi_ref resource = nullptr;  // the async resource of nested callbacks that have none of their own
  napi_ref on_turn = nullptr;   // called on a clean base
  napi_ref on_batch = nullptr;  // called when a batch of immediates begins
  napi_ref on_cut = nullptr;    // called when a termination has cut off a timer's callback
  uv_idle_t clean;
  napi_async_cleanup_hook_handle hook = nullptr;
  Client* next = nullptr;
  int open_handles = 0;
};
thread_local Client* clients = nullptr;

Loop* Here() { return Loop::Here(); }

napi_value Number(napi_env env, double value) {
  napi_value result;
  napi_create_double(env, value, &result);
  return result;
}
napi_value Int(napi_env env, int32_t value) {
  napi_value result;
  napi_create_int32(env, value, &result);
  return result;
}
napi_value Text(napi_env env, const char* value) {
  napi_value result;
  napi_create_string_utf8(env, value, NAPI_AUTO_LENGTH, &result);
  return result;
}
// The one argument of a function that takes one; undefined where it was left out.
napi_value First(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value value;
  napi_get_cb_info(env, info, &count, &value, nullptr, nullptr);
  return value;
}
Client* Self(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return static_cast<Client*>(data);
}
uintptr_t FrameHere() __attribute__((always_inline));
inline uintptr_t FrameHere() { return reinterpret_cast<uintptr_t>(__builtin_frame_address(0)); }

void Call(napi_env env, napi_ref function) {
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value callee, receiver, result;
  napi_get_reference_value(env, function, &callee);
  napi_get_global(env, &receiver);
  napi_call_function(env, receiver, callee, 0, nullptr, &result);
  napi_close_handle_scope(env, scope);
}

Ptr Resource(napi_env env) {
  napi_value resource = nullptr;
  napi_get_reference_value(env, Self(env)->resource, &resource);
  return resource;
}

// drain(): drains ticks and microtasks; a Room, and nothing done where that is not kEnough.
napi_value Drain(napi_env env, napi_callback_info) {
  Loop* loop = Here();
  const uintptr_t frame = FrameHere();
  const Room room = loop->Check(frame);
  if (room != kEnough) return Int(env, room);
  napi_value tick;
  napi_get_reference_value(env, Self(env)->tick, &tick);
  loop->Drain(frame, tick);
  return Int(env, kEnough);
}

// state(promise): 0 pending, 1 fulfilled, 2 rejected.
napi_value State(napi_env env, napi_callback_info info) { return Int(env, symbols.promise_state(First(env, info))); }

// settle(promise, again): the value of a promise that is fulfilled, or that a drain fulfils; else the promise itself (which
// no promise can be fulfilled with), drained; or `again` where that is rejected or there is no room to drain.
napi_value Settle(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value args[2];
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  napi_value promise = args[0];
  bool is_promise = false;
  napi_is_promise(env, promise, &is_promise);
  if (!is_promise) return args[1];
  const int state = symbols.promise_state(promise);
  if (state == 1) return static_cast<napi_value>(symbols.promise_result(promise));
  if (state != 0) return args[1];
  Loop* loop = Here();
  const uintptr_t frame = FrameHere();
  if (!loop->TicksKnown() || loop->Check(frame) != kEnough) return args[1];
  // Somebody waits for it: a rejection is not an unhandled one.
  symbols.mark_handled(promise);
  napi_value tick;
  napi_get_reference_value(env, Self(env)->tick, &tick);
  loop->Drain(frame, tick);
  const int after = symbols.promise_state(promise);
  if (after == 1) return static_cast<napi_value>(symbols.promise_result(promise));
  return after == 0 ? promise : args[1];
}

// findTicks(moment): see Loop; and whether that is still to be done.
napi_value FindTicks(napi_env env, napi_callback_info info) {
  napi_value value = First(env, info), result;
  int32_t moment = 0;
  napi_get_value_int32(env, value, &moment);
  if (moment >= 0) Here()->FindTicks(moment);
  napi_get_boolean(env, Here()->TicksKnown(), &result);
  return result;
}

// end(token): ends the wait of that name, and any above it that a termination cut off.
napi_value End(napi_env env, napi_callback_info info) {
  napi_value value = First(env, info);
  int32_t token = 0;
  napi_get_value_int32(env, value, &token);
  Here()->End(token);
  return nullptr;
}

int32_t Turned(napi_env env, Loop* loop, uintptr_t frame, double ms, bool linger) {
  const bool alive = loop->Turn(frame, Resource(env), static_cast<int64_t>(ms), linger);
  const bool immediates = loop->InImmediates() && loop->ImmediatesWait();
  return (alive ? 1 : 0) | (loop->rang ? 2 : 0) | (immediates ? 4 : 0) | (loop->Held() ? 8 : 0);
}

// wait(ms, token, promise): a call is about to turn the loop. Where a refused kind of frame is below, nothing is done; where a
// batch of immediates or Node's timers are being run below, JavaScript must see to that first: both are answered by the
// kinds, negated. Else the first turn is taken at once. The token names the wait; end() is given the same.
// A turn that has settled the promise ends the wait as well.
napi_value Wait(napi_env env, napi_callback_info info) {
  size_t count = 3;
  napi_value args[3];
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  double ms = -1;
  int32_t token = 0;
  napi_get_value_double(env, args[0], &ms);
  napi_get_value_int32(env, args[1], &token);
  Loop* loop = Here();
  const uintptr_t frame = FrameHere();
  const uint32_t kinds = loop->Base(frame);
  if (kinds & kRefused) return Int(env, -static_cast<int32_t>(kinds));
  loop->Wait(frame, kinds, token);
  const uint32_t first = (loop->InImmediates() ? uint32_t{kBatch} : 0) | (kinds & kTimer);
  if (first != 0) return Int(env, -static_cast<int32_t>(first));
  const int32_t turned = Turned(env, loop, frame, ms, false);
  if (symbols.promise_state(args[2]) == 0) return Int(env, turned);
  loop->End(token);
  return Int(env, turned | 16);
}

// look(): the kinds of frame below, or a negative Room.
napi_value Look(napi_env env, napi_callback_info) {
  Loop* loop = Here();
  const uintptr_t frame = FrameHere();
  const Room room = loop->Check(frame);
  return Int(env, room == kTooDeep || room == kUnproved ? -room : static_cast<int32_t>(loop->Base(frame)));
}

napi_value Turn(napi_env env, napi_callback_info info) {
  size_t count = 2;
  napi_value args[2];
  napi_get_cb_info(env, info, &count, args, nullptr, nullptr);
  double ms = -1;
  bool linger = false;
  napi_get_value_double(env, args[0], &ms);
  napi_get_value_bool(env, args[1], &linger);
  return Int(env, Turned(env, Here(), FrameHere(), ms, linger));
}

napi_value Depth(napi_env env, napi_callback_info) { return Int(env, static_cast<int32_t>(Here()->depth + Here()->drains)); }

// lives(token): is the call of that name still on the stack? One that a termination cut off is not, once noticed.
napi_value Lives(napi_env env, napi_callback_info info) {
  napi_value value = First(env, info);
  int32_t token = 0;
  napi_get_value_int32(env, value, &token);
  Loop* loop = Here();
  loop->Heal(FrameHere());
  bool found = false;
  for (size_t i = 0; i < loop->depth; i++) found = found || loop->levels[i].token == token;
  napi_value result;
  napi_get_boolean(env, found, &result);
  return result;
}

// immediates(): bit 0, a batch of immediates is being run below; bit 1, immediates keep the loop from blocking; bit 2,
// JavaScript is to run them.
napi_value Immediates(napi_env env, napi_callback_info) {
  return Int(env, (Here()->InBatch() ? 1 : 0) | (Here()->ImmediatesWait() ? 2 : 0) | (Here()->InImmediates() ? 4 : 0));
}
napi_value NativeImmediates(napi_env, napi_callback_info) {
  Here()->RunNativeImmediates();
  return nullptr;
}

// mark() notes how deep it was called, and says whether the thread's stack goes on; measured() takes the deepest for V8's limit. See src/run/stack.ts.
thread_local uintptr_t lowest = UINTPTR_MAX;
napi_value Mark(napi_env env, napi_callback_info) {
  const uintptr_t frame = FrameHere();
  if (frame < lowest) lowest = frame;
  napi_value result;
  // V8's limit is below the thread's real stack when it was set so by a flag.
  napi_get_boolean(env, frame > Here()->stack.bottom + kReserve, &result);
  return result;
}
napi_value Measured(napi_env, napi_callback_info) {
  Here()->SetLimit(lowest);
  return nullptr;
}
// room(): bytes of stack that further levels may still use; negative when they are used up, NaN when not measured.
napi_value StackRoom(napi_env env, napi_callback_info) { return Number(env, Here()->Left(FrameHere())); }

// quiet(): what a loop that is not alive may still be waiting for.
napi_value Quiet(napi_env env, napi_callback_info) {
  Loop* loop = Here();
  napi_value result;
  napi_create_object(env, &result);
  napi_value listening;
  napi_get_boolean(env, loop->OnlyListening(), &listening);
  napi_set_named_property(env, result, "otherThreads", Number(env, static_cast<double>(Loop::OtherThreads())));
  napi_set_named_property(env, result, "nextTimer", Number(env, static_cast<double>(loop->NextTimer())));
  napi_set_named_property(env, result, "onlyListening", listening);
  return result;
}

void OnClean(uv_idle_t* handle) {
  auto* client = static_cast<Client*>(handle->data);
  Loop* loop = Here();
  const uintptr_t outer = loop->turn_frame;
  loop->turn_frame = FrameHere();
  napi_handle_scope scope;
  napi_open_handle_scope(client->env, &scope);
  napi_value callee, receiver, result;
  napi_get_reference_value(client->env, client->on_turn, &callee);
  // Not the global object: where that has a `domain`, as in the REPL, Node would enter it.
  napi_get_reference_value(client->env, client->resource, &receiver);
  if (napi_make_callback(client->env, nullptr, receiver, callee, 0, nullptr, &result) == napi_pending_exception) {
    napi_value error;
    napi_get_and_clear_last_exception(client->env, &error);
    napi_fatal_exception(client->env, error);
  }
  napi_close_handle_scope(client->env, scope);
  loop->turn_frame = outer;
}

// clean(on): asks for on_turn() in a callback of the bridge's own, once an iteration; keeps the loop alive meanwhile.
napi_value Clean(napi_env env, napi_callback_info info) {
  napi_value value = First(env, info);
  bool on = false;
  napi_get_value_bool(env, value, &on);
  if (on)
    uv_idle_start(&Self(env)->clean, OnClean);
  else
    uv_idle_stop(&Self(env)->clean);
  return nullptr;
}

template <napi_ref Client::*slot>
napi_value KeepIn(napi_env env, napi_callback_info info) {
  napi_value callback = First(env, info);
  napi_create_reference(env, callback, 1, &(Self(env)->*slot));
  return nullptr;
}

void OnBatch() {
  for (Client* client = clients; client != nullptr; client = client->next)
    if (client->on_batch != nullptr) Call(client->env, client->on_batch);
}
napi_value WatchBatches(napi_env env, napi_callback_info info) {
  Here()->on_batch = OnBatch;
  return Self(env)->on_batch == nullptr ? KeepIn<&Client::on_batch>(env, info) : nullptr;
}

// keep(tick): the function that drains ticks and microtasks. keepTurn(callback): see clean(). keepCut(callback): called
// when a termination has cut off a timer's callback, in its async context.
void OnCut() {
  if (clients != nullptr && clients->on_cut != nullptr) Call(clients->env, clients->on_cut);
}
napi_value KeepCut(napi_env env, napi_callback_info info) {
  Here()->on_cut = OnCut;
  return KeepIn<&Client::on_cut>(env, info);
}

// findHooks(enabled): called before and after a second async hook is enabled, to learn where Node counts them.
napi_value FindHooks(napi_env env, napi_callback_info info) {
  napi_value value = First(env, info), result;
  bool enabled = false;
  napi_get_value_bool(env, value, &enabled);
  napi_get_boolean(env, symbols.async_hooks != nullptr && Here()->FindHooks(enabled, Resource(env)), &result);
  return result;
}

// proof(): why microtasks cannot be drained from within one, or nothing.
napi_value Proof(napi_env env, napi_callback_info) {
  Loop* loop = Here();
  return loop->microtasks.Ready() ? nullptr : Text(env, loop->microtasks.why);
}

void Closed(uv_handle_t* handle);
void Close(Client* client, uv_handle_t* handle) {
  handle->data = client;
  client->open_handles++;
  uv_close(handle, Closed);
}
void Closed(uv_handle_t* handle) {
  auto* client = static_cast<Client*>(handle->data);
  if (--client->open_handles > 0) return;
  if (clients == nullptr && Here() != nullptr) {
    free(Here());
    Loop::Here() = nullptr;
  }
  napi_remove_async_cleanup_hook(client->hook);
  free(client);
}

// The thread is ending. The last client gives back the loop's detours and closes the bridge's handles.
void Cleanup(napi_async_cleanup_hook_handle, void* data) {
  auto* client = static_cast<Client*>(data);
  Client** at = &clients;
  while (*at != nullptr && *at != client) at = &(*at)->next;
  if (*at == client) *at = client->next;
  Loop* loop = Here();
  if (clients == nullptr) loop->Detach();
  Close(client, reinterpret_cast<uv_handle_t*>(&client->clean));
  if (clients == nullptr) loop->EachOwnHandle([client](uv_handle_t* handle) { Close(client, handle); });
}

const char* Begin(napi_env env) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, [] { symbols.Load(), landmarks.Load(); });
  static thread_local char missing[160];
  if (symbols.missing != nullptr) {
    strcpy(missing, "the runtime does not export ");
    strncat(missing, symbols.missing, sizeof missing - strlen(missing) - 1);
    return missing;
  }
  if ((landmarks.known & (kRoot | kLoop)) != (kRoot | kLoop)) return "the runtime's own functions cannot be told apart on the stack";
  napi_value resource;
  napi_create_object(env, &resource);
  if (Here() == nullptr) {
    auto* loop = static_cast<Loop*>(calloc(1, sizeof(Loop)));
    if (loop == nullptr) return "out of memory";
    new (loop) Loop();
    loop->symbols = &symbols;
    loop->marks = &landmarks;
    loop->isolate = symbols.current_isolate();
    Ptr context = symbols.current_context(loop->isolate);
    loop->environment = symbols.environment(context);
    uv_loop_t* uv = nullptr;
    const char* why = nullptr;
    if (loop->environment == nullptr || napi_get_uv_event_loop(env, &uv) != napi_ok) why = "this thread has no event loop of Node's";
    if (why == nullptr && !loop->stack.Attach()) why = "the bounds of this thread's stack are not known";
    if (why == nullptr && (loop->stack.Kinds(landmarks, FrameHere(), loop->stack.top) & kRoot) == 0)
      why = "the runtime was built without frame pointers, so what is below a call cannot be known";
    if (why == nullptr) {
      loop->microtasks.Attach(&symbols, loop->isolate, symbols.microtask_queue(context));
      why = loop->microtasks.why;
    }
    if (why == nullptr && !loop->Attach(uv, resource)) why = loop->why;
    if (why != nullptr) {
      free(loop);
      return why;
    }
    Loop::Here() = loop;
  }
  auto* client = static_cast<Client*>(calloc(1, sizeof(Client)));
  if (client == nullptr) return "out of memory";
  client->env = env;
  napi_create_reference(env, resource, 1, &client->resource);
  uv_idle_init(Here()->loop, &client->clean);
  client->clean.data = client;
  client->next = clients;
  clients = client;
  napi_set_instance_data(env, client, nullptr, nullptr);
  napi_add_async_cleanup_hook(env, Cleanup, client, &client->hook);
  return nullptr;
}

napi_value Init(napi_env env, napi_value exports) {
  const char* why = Begin(env);
  if (why != nullptr) {
    napi_set_named_property(env, exports, "why", Text(env, why));
    return exports;
  }
  const struct {
    const char* name;
    napi_callback function;
  } table[] = {
      {"keepTurn", KeepIn<&Client::on_turn>},
      {"keepCut", KeepCut},
      {"proof", Proof},
      {"findHooks", FindHooks},
      {"state", State},
      {"settle", Settle},
      {"findTicks", FindTicks},
      {"keep", KeepIn<&Client::tick>},
      {"drain", Drain},
      {"wait", Wait},
      {"end", End},
      {"look", Look},
      {"turn", Turn},
      {"depth", Depth},
      {"lives", Lives},
      {"immediates", Immediates},
      {"nativeImmediates", NativeImmediates},
      {"watchBatches", WatchBatches},
      {"mark", Mark},
      {"measured", Measured},
      {"room", StackRoom},
      {"quiet", Quiet},
      {"clean", Clean},
  };
  for (const auto& entry : table) {
    napi_value function;
    napi_create_function(env, entry.name, NAPI_AUTO_LENGTH, entry.function, nullptr, &function);
    napi_set_named_property(env, exports, entry.name, function);
  }
  napi_value frames, names;
  napi_get_boolean(env, symbols.get_frame != nullptr, &frames);
  napi_set_named_property(env, exports, "frames", frames);
  napi_create_object(env, &names);
  const struct {
    const char* name;
    uint32_t kind;
  } kinds[] = {{"loop", kLoop},   {"timer", kTimer},   {"immediate", kImmediate}, {"pool", kPool},
               {"turn", kTurn},   {"stream", kStream}, {"port", kPort},           {"close", kClose},
               {"udp", kUdp},     {"task", kTask},     {"connection", kConnection}, {"batch", kBatch}, {"parser", kParser},
               {"tls", kTls},     {"http2", kHttp2}};
  for (const auto& entry : kinds) napi_set_named_property(env, names, entry.name, Int(env, static_cast<int32_t>(entry.kind)));
  napi_set_named_property(env, exports, "kinds", names);
  return exports;
}

}  // namespace
}  // namespace isthmus

NAPI_MODULE_INIT() { return isthmus::Init(env, exports); }
