// What a nested turn of libuv's loop needs so that it neither hangs nor crashes. libuv and Node move a batch of work
// into a local variable of a C frame and then run it piece by piece; a loop nested inside one piece cannot see the
// rest. Each repair below says which batch it gives back. docs/decisions/0002-repairs.md tells the whole story.
//
// Guarantees:
// - nothing here runs in a process that never waits, save a one-call detour of two callbacks;
// - a handle whose memory some frame below still uses is never freed (see Gate);
// - a stop that Node asks of the loop while it is nested reaches the loop below.
#pragma once
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#include <initializer_list>

#include "microtasks.h"
#include "stack.h"

namespace isthmus {

struct Link {
  Link* next;
  Link* previous;
};
inline void Unlink(Link* link) {
  link->previous->next = link->next;
  link->next->previous = link->previous;
}
inline void Append(Link* list, Link* link) {
  link->next = list;
  link->previous = list->previous;
  list->previous->next = link;
  list->previous = link;
}
inline bool Contains(const Link* list, const Link* link) {
  for (const Link* at = list->next; at != list; at = at->next)
    if (at == link) return true;
  return false;
}
template <typename T>
Link* AsLink(T* queue) {
  return reinterpret_cast<Link*>(queue);
}

// The events that one uv__io_poll below a wait is going through: libuv points at them as long as it does, so that it can
// strike those of a descriptor which is closed. A nested poll takes that pointer away.
struct Polled {
  void* announced;  // what libuv's pointer was
  epoll_event* events;
  int count;
  uv__io_t* watchers[1];  // whom each event is for; null where it was struck
};

// One wait in progress: the frame that it began in, so that levels above it can be told from frames below it.
struct Level {
  uintptr_t frame;
  int32_t token;  // the caller's name for it
  uintptr_t scan;
  uint32_t kinds;
  size_t stuck;   // closing handles that a frame below points at
  bool script;    // a vm script is below
  Polled* polled;  // null where no poll is in progress between this wait and the one below
  bool watching;  // it has kept the kernel from being asked about watched folders
};

enum Room : int32_t { kEnough = 0, kTooDeep = 1, kUnknown = 2, kUnproved = 3 };

// How much of JavaScript's stack a call must leave to the callbacks that will run on top of it.
inline constexpr uintptr_t kReserve = 96 * 1024;
// How much of the stack can be in use before its limit matters enough to be measured.
inline constexpr uintptr_t kUnmeasured = 64 * 1024;

// The most stack that is lent, where the thread's is without a limit.
inline constexpr uintptr_t kMostLent = 16 * 1024 * 1024;
// The end of the thread's stack that is never lent: native code below JavaScript needs it.
inline constexpr uintptr_t kMargin = 1024 * 1024;

class Loop {
 public:
  static constexpr uint64_t kSlice = 200;  // ms: how often a blocked wait looks whether its thread was told to stop
  static constexpr size_t kMaxLevels = 4096;

  uv_loop_t* loop = nullptr;
  const Symbols* symbols = nullptr;
  const Landmarks* marks = nullptr;
  Ptr isolate = nullptr;
  Ptr environment = nullptr;
  Microtasks microtasks;
  Stack stack;
  const char* why = nullptr;
  Level levels[kMaxLevels];
  size_t depth = 0;   // waits on the stack
  size_t drains = 0;  // drains on the stack

  static Loop*& Here() {
    static thread_local Loop* here = nullptr;
    return here;
  }

  // Finds Node's own handles and takes the detours. False, with `why`, when something is not where it must be.
  bool Attach(uv_loop_t* uv, Ptr resource) {
    loop = uv;
    if (!FindNesting(resource)) return Off("Node's count of nested callbacks was not found exactly once");
    uv_walk(loop, [](uv_handle_t* handle, void* self) { static_cast<Loop*>(self)->Recognise(handle); }, this);
    if (check_ == nullptr) return Off("Node's immediates were not found on this loop, or another copy of isthmus has them");
    if (timer_ == nullptr || timers_ != 1) return Off("Node's timer was not found exactly once on this loop");
    if (idle_ == nullptr || idles_ != 1) return Off("Node's immediate switch was not found exactly once on this loop");
    if (loop->wq_async.async_cb == nullptr || loop->wq_async.loop != loop) return Off("libuv's thread pool was not found");

    uv_check_init(loop, &gate_);
    uv_async_init(loop, &wake_, [](uv_async_t*) {});
    uv_timer_init(loop, &alarm_);
    for (uv_handle_t* own : {AsHandle(&gate_), AsHandle(&wake_), AsHandle(&alarm_)}) {
      own->data = this;
      uv_unref(own);
    }
    FindRealm();
    check_cb_ = check_->check_cb;
    pool_cb_ = loop->wq_async.async_cb;
    check_->check_cb = OnCheck;
    loop->wq_async.async_cb = OnPool;
    return true;
  }

  // Gives back every detour; the thread is ending. The own handles are closed by the caller.
  void Detach() {
    while (depth > 0) Pop();
    if (check_->check_cb == OnCheck) check_->check_cb = check_cb_;
    if (timer_->timer_cb == OnTimers) timer_->timer_cb = NodeTimers();
    if (loop->wq_async.async_cb == OnPool) loop->wq_async.async_cb = pool_cb_;
  }

  template <typename Visit>
  void EachOwnHandle(Visit visit) {
    visit(AsHandle(&gate_));
    visit(AsHandle(&wake_));
    visit(AsHandle(&alarm_));
  }

  // How many async hooks are enabled: the word behind its kind's that rises by one when a second one is, among those
  // that Node's own object for them points at. Called before and after that.
  bool FindHooks(bool enabled, Ptr resource) {
    uintptr_t* words = Words();
    const size_t count = WordCount();
    size_t found = 0, object = 0;
    for (size_t i = 0; i < count; i++)
      if (words[i] == reinterpret_cast<uintptr_t>(symbols->async_hooks) + 2 * sizeof(uintptr_t)) found++, object = i;
    if (found != 1) return false;
    size_t rises = 0;
    uint32_t* totals = nullptr;
    for (size_t i = 0; i < kHookWords && object + i < count; i++) {
      uint32_t now[kHookFields] = {};
      const bool readable = ReadAt(words[object + i], now, sizeof now);
      if (enabled && readable && seen_[i]) {
        size_t changed = 0, last = 0;
        for (size_t j = 0; j < kHookFields; j++)
          if (now[j] == before_[i][j] + 1) changed++, last = j;
        // The kind of the hook, and the total behind all kinds.
        if (changed == 2) rises++, totals = reinterpret_cast<uint32_t*>(words[object + i]) + last;
      }
      seen_[i] = readable;
      memcpy(before_[i], now, sizeof now);
    }
    if (enabled && rises == 1) hooks_ = totals, FindContexts(words + object, resource);
    return hooks_ != nullptr;
  }

  // Is there stack left for one more level at `frame`?
  Room Check(uintptr_t frame) {
    if (!microtasks.Ready()) return kUnproved;
    if (depth == kMaxLevels) return kTooDeep;
    if (limit_ == 0) return stack.top - frame < kUnmeasured ? kEnough : kUnknown;
    if (frame > limit_ + kReserve) return kEnough;
    return frame > deepest_ + kReserve ? kEnough : kTooDeep;
  }

  // V8's own limit, as measured by a recursion. Where the thread has much more stack than V8 takes (8 MB against 1 MB
  // on a main thread), all but a megabyte is lent to calls that are nested deeply, for as long as they last.
  void SetLimit(uintptr_t lowest) {
    limit_ = deepest_ = lowest;
    const uintptr_t size = stack.top - stack.bottom;
    const uintptr_t most = size - kMargin < kMostLent ? size - kMargin : kMostLent;
    if (size > 2 * kMargin && stack.top - most < limit_) deepest_ = stack.top - most;
  }

  // Bytes that levels may still use at `frame`; negative when they are used up.
  double Left(uintptr_t frame) const {
    return limit_ == 0 ? NAN : static_cast<double>(frame) - static_cast<double>(deepest_ + kReserve);
  }

  // Lends the rest of the stack to what runs while it lives, where `frame` is deep enough to need it.
  class Lend {
   public:
    Lend(Loop* loop, uintptr_t frame) : loop_(loop) {
      if (loop->lent_ || loop->limit_ == 0 || frame > loop->limit_ + kReserve) return;
      mine_ = loop->lent_ = true;
      loop->symbols->set_stack_limit(loop->isolate, loop->deepest_);
    }
    ~Lend() {
      if (!mine_) return;
      loop_->lent_ = false;
      loop_->symbols->set_stack_limit(loop_->isolate, loop_->limit_);
    }

   private:
    Loop* loop_;
    bool mine_ = false;
  };

  // The caller's AsyncLocalStorage frame, put back at the end: drained microtasks leave it undefined from Node 24 on.
  class KeepFrame {
   public:
    explicit KeepFrame(Loop* loop) : loop_(loop) {
      if (loop->symbols->get_frame != nullptr) frame_ = loop->symbols->get_frame(loop->isolate);
    }
    ~KeepFrame() {
      if (frame_ != nullptr) loop_->symbols->set_frame(loop_->isolate, frame_);
    }

   private:
    Loop* loop_;
    Ptr frame_ = nullptr;
  };

  // Drains ticks and microtasks until both are empty, from wherever the caller stands. A tick that throws is reported
  // as uncaught, as the loop would, and the rest goes on.
  void Drain(uintptr_t frame, Ptr tick) {
    Lend lend(this, frame);
    KeepFrame keep(this);
    KeepContexts contexts(*this);
    Microtasks::Open open(microtasks);
    drains++;
    for (;;) {
      Verbose report(*symbols, isolate);
      // Without ticks, as Node itself does after a callback: that is half of the cost.
      if (NoTicks()) symbols->checkpoint(isolate);
      if (!NoTicks() && !report.terminated()) symbols->call(tick, symbols->current_context(isolate), tick, 0, nullptr);
      if (report.terminated()) symbols->terminate(isolate);
      if (!report.caught() || report.terminated()) break;
    }
    drains--;
  }

  // Node's own two bytes: is a tick scheduled, is a rejection to be warned of? False where they are not known.
  bool NoTicks() const { return ticks_ != nullptr && ticks_[0] == 0 && ticks_[1] == 0; }
  bool TicksKnown() const { return ticks_ != nullptr || ticks_sought_; }

  // The bytes are what Node's environment points at that is 0 0 after a drain, 1 0 after process.nextTick(), and 0 0 after
  // another drain: called at these three moments.
  void FindTicks(int moment) {
    const uintptr_t* words = Words();
    const size_t count = WordCount() < kMostWords ? WordCount() : kMostWords;
    size_t left = 0, last = 0;
    for (size_t i = 0; i < count; i++) {
      uint8_t now[2] = {9, 9};
      const bool candidate = (moment == 0 || maybe_ticks_[i]) && words[i] > 4096 && ReadAt(words[i], now, sizeof now) &&
                             now[0] == (moment == 1 ? 1 : 0) && now[1] == 0;
      maybe_ticks_[i] = candidate;
      if (candidate) left++, last = i;
    }
    if (moment != 2) return;
    ticks_sought_ = true;
    if (left == 1) ticks_ = reinterpret_cast<volatile uint8_t*>(words[last]);
  }

  void End(int32_t token) {
    size_t at = depth;
    while (at > 0 && levels[at - 1].token != token) at--;
    while (at > 0 && depth >= at) Pop();
  }

  // A wait that a termination cut off left its level behind: its frame is younger than any live one's.
  void Heal(uintptr_t frame) {
    while (depth > 0 && levels[depth - 1].frame <= frame) Pop();
  }

  // The kinds of frame between `frame` and the wait below it, or the end of the stack.
  uint32_t Base(uintptr_t frame) {
    Heal(frame);
    const uintptr_t until = depth > 0 ? levels[depth - 1].frame : stack.top;
    uint32_t kinds = stack.Kinds(*marks, frame, until);
    if (pool_frame_ > frame && pool_frame_ < until) kinds |= kPool;
    if (turn_frame > frame && turn_frame < until) kinds |= kTurn;
    if (timers_frame_ > frame && timers_frame_ < until) kinds |= kTimer;
    return kinds;
  }

  // A call is about to wait: gives it back what frames below hold.
  void Wait(uintptr_t frame, uint32_t kinds, int32_t token) {
    const bool script = (kinds & kScript) != 0 || (depth > 0 && levels[depth - 1].script);
    Level& level = levels[depth++];
    level = {frame, token, frame, kinds, 0, script, (kinds & kLoop) != 0 ? TakePolled(frame) : nullptr, false};
    Frame caller = {0, 0, 0};
    // The first frames belong to Node-API and to this file: they hold no handle, but stale words of earlier calls.
    if (stack.Read(frame, &caller))
      for (int i = 0; i < 3 && stack.Next(&caller); i++) level.scan = caller.address;
    // A turn of the gate and Node's timers are called from phases that hold nothing else of use, so that a busy
    // server's handlers need not walk all of its handles; unless somebody else's nested loop is below as well.
    if (kinds & kLoops || (kinds & (kLoop | kTurn | kTimer)) == kLoop)
      Repair();
    else if (kinds & kTurn && ImmediatesWait())
      Return(AsLink(&loop->idle_handles), AsLink(&idle_->queue));
    uint32_t below = 0;
    for (size_t i = 0; i < depth; i++) below |= levels[i].kinds;
    if (below & kTimer) {
      // Row c. Node's one timer is not armed while its callback runs. Run early, the callback works out what is due
      // and arms itself, so a spurious start is harmless and exact.
      uv_timer_start(timer_, NodeTimers(), 0, 0);
    }
  }

  // One turn. `ms` is the caller's own deadline, or negative. A lingering turn polls a loop that is not alive, for
  // work off the loop and for unreferenced handles.
  bool Turn(uintptr_t frame, Ptr resource, int64_t ms, bool linger) {
    Lend lend(this, frame);
    KeepFrame keep(this);
    rang = false;
    // Immediates keep the loop from blocking, so most such turns need not ask the kernel: only each sixteenth does.
    const bool brief = !InImmediates() && !linger && ImmediatesWait() && ++short_turns_ % 16 != 0;
    if (!brief) Prepare(ms, linger);
    const size_t level = depth;
    turning_++;
    Ptr outer = resource_;
    resource_ = resource;
    bool terminated = false;
    {
      KeepContexts contexts(*this);
      Microtasks::Open open(microtasks);
      Outermost outermost(*this, resource);
      Verbose report(*symbols, isolate);
      if (children_) children_ = false, DeliverChildren();
      if (brief)
        RunImmediates();
      else
        uv_run(loop, UV_RUN_ONCE);
      terminated = report.terminated() || cut_off_;
      cut_off_ = false;
    }
    resource_ = outer;
    turning_--;
    while (depth > level) Pop();  // cut off by a termination that a callback has caught
    if (announced_ != nullptr && depth > 0) *announced_ = levels[depth - 1].polled == nullptr ? nullptr : levels[depth - 1].polled->announced;
    if (linger) uv_unref(AsHandle(&alarm_));
    if (stopped_) {
      // The nested uv_run has used the stop up. It is for the thread's own loop, so each turn below hands it on.
      stopped_ = turning_ > 0;
      uv_stop(loop);
      // Only a Worker that ends stops its loop. Its JavaScript must end as well, and in some versions that request is
      // lost where an exception was reported.
      if (loop != uv_default_loop()) terminated = true;
    }
    if (terminated) symbols->terminate(isolate);
    return uv_loop_alive(loop) != 0;
  }

  // Immediates that keep the loop from blocking: some are queued, or their batch is in progress below.
  bool ImmediatesWait() const { return uv_is_active(reinterpret_cast<uv_handle_t*>(idle_)) != 0; }
  // Is JavaScript to run the immediates one at a time?
  bool InImmediates() const { return checks_ > 0 || (depth > 0 && levels[depth - 1].script); }
  bool InBatch() const { return checks_ > 0; }
  void RunNativeImmediates() {
    Microtasks::Open open(microtasks);
    Verbose report(*symbols, isolate);
    symbols->native_immediates(environment, false);
    if (report.terminated()) symbols->terminate(isolate);
  }

  // Is there anything referenced besides sockets that listen and what is held back?
  bool OnlyListening() {
    if (loop->active_reqs.count > 0) return false;
    only_listening_ = true;
    uv_walk(loop, [](uv_handle_t* handle, void* self) {
      if (!uv_is_active(handle) || !uv_has_ref(handle) || uv_is_closing(handle)) return;
      const bool stream = handle->type == UV_TCP || handle->type == UV_NAMED_PIPE;
      if (!stream || reinterpret_cast<uv_stream_t*>(handle)->connection_cb == nullptr)
        static_cast<Loop*>(self)->only_listening_ = false;
    }, this);
    return only_listening_;
  }

  // ms until Node's next timer, referenced or not; -1 when there is none.
  int64_t NextTimer() const {
    if (!uv_is_active(reinterpret_cast<uv_handle_t*>(timer_))) return -1;
    return static_cast<int64_t>(uv_timer_get_due_in(timer_));
  }

  // CPU time (µs) of the process's other threads: work off the loop shows here.
  static int64_t OtherThreads() {
    rusage all, own;
    getrusage(RUSAGE_SELF, &all);
    getrusage(RUSAGE_THREAD, &own);
    auto us = [](const timeval& t) { return int64_t{t.tv_sec} * 1000000 + t.tv_usec; };
    return us(all.ru_utime) + us(all.ru_stime) - us(own.ru_utime) - us(own.ru_stime);
  }

  // Called at the start of each batch of immediates, for whoever has to know its end (src/run/immediates.ts).
  void (*on_batch)() = nullptr;
  void (*on_cut)() = nullptr;
  uintptr_t turn_frame = 0;
  // Are handles kept from closing right now?
  bool Held() const { return held_ > 0 || (depth > 0 && levels[depth - 1].stuck > 0); }
  bool rang = false;

 private:
  template <typename T>
  static uv_handle_t* AsHandle(T* handle) {
    return reinterpret_cast<uv_handle_t*>(handle);
  }
  bool Off(const char* reason) {
    why = reason;
    return false;
  }

  void Recognise(uv_handle_t* handle) {
    const uintptr_t at = reinterpret_cast<uintptr_t>(handle);
    const uintptr_t start = reinterpret_cast<uintptr_t>(environment);
    const bool own = at - start < malloc_usable_size(environment);
    if (!own) return;
    if (handle->type == UV_CHECK && reinterpret_cast<Ptr>(reinterpret_cast<uv_check_t*>(handle)->check_cb) == symbols->check_immediate)
      check_ = reinterpret_cast<uv_check_t*>(handle);
    if (handle->type == UV_TIMER) timer_ = reinterpret_cast<uv_timer_t*>(handle), timers_++;
    if (handle->type == UV_IDLE) idle_ = reinterpret_cast<uv_idle_t*>(handle), idles_++;
  }

  // For a turn that may block: its end, and the gate at the end of the check phase.
  void Prepare(int64_t ms, bool linger) {
    const uint64_t due = ms >= 0 && static_cast<uint64_t>(ms) < kSlice ? static_cast<uint64_t>(ms) : kSlice;
    uv_timer_start(&alarm_, [](uv_timer_t* self) { static_cast<Loop*>(self->data)->rang = true; }, due, 0);
    if (linger) uv_ref(AsHandle(&alarm_));
    uv_check_start(&gate_, OnGate);
    Link* checks = AsLink(&loop->check_handles);
    Link* gate = AsLink(&gate_.queue);
    if (checks->previous != gate) Unlink(gate), Append(checks, gate);
    OwnTimers();
  }
  // Node hands over its own callback each time that it arms its timer.
  void OwnTimers() {
    if (realm_ != nullptr) timer_->timer_cb = OnTimers;
  }
  uv_timer_cb NodeTimers() const { return reinterpret_cast<uv_timer_cb>(symbols->run_timers); }

  // What a poll in progress below goes through. Its frame has a record with pointers to the events and their number,
  // and libuv's own fields have a pointer to that record, at a place that is found once.
  Polled* TakePolled(uintptr_t frame) {
    auto* fields = static_cast<uintptr_t*>(loop->internal_fields);
    const size_t words = malloc_usable_size(fields) / sizeof(uintptr_t);
    const uintptr_t until = depth > 1 ? levels[depth - 2].frame : stack.top;
    epoll_event* events = nullptr;
    int count = 0;
    for (size_t i = 0; i < words && announced_ == nullptr; i++)
      if (ReadAnnouncement(fields[i], frame, until, &events, &count)) announced_ = reinterpret_cast<void**>(&fields[i]);
    if (announced_ == nullptr) return nullptr;
    if (!ReadAnnouncement(reinterpret_cast<uintptr_t>(*announced_), frame, until, &events, &count)) return nullptr;
    auto* polled = static_cast<Polled*>(malloc(sizeof(Polled) + static_cast<size_t>(count) * sizeof(uv__io_t*)));
    if (polled == nullptr) return nullptr;
    polled->announced = *announced_;
    polled->events = events;
    polled->count = count;
    for (int i = 0; i < count; i++) polled->watchers[i] = WatcherOf(events[i].data.fd);
    return polled;
  }

  // A record on the stack that begins with a pointer to events there, or with two of which the second one is that, and
  // goes on with their number.
  bool ReadAnnouncement(uintptr_t at, uintptr_t frame, uintptr_t until, epoll_event** events, int* count) const {
    if (at - frame >= until - frame || (at & 7) != 0 || until - at < 3 * sizeof(uintptr_t)) return false;
    const auto* record = reinterpret_cast<const uintptr_t*>(at);
    const int which = record[1] - frame < until - frame ? 1 : 0;
    if (record[which] - frame >= until - frame) return false;
    *events = reinterpret_cast<epoll_event*>(record[which]);
    *count = static_cast<int>(record[which + 1]);
    if (*count < 0 || *count > kMostEvents || until - record[which] < kMostEvents * sizeof(epoll_event)) return false;
    for (int i = 0; i < *count; i++)
      if ((*events)[i].data.fd < -1 || (*events)[i].data.fd >= static_cast<int>(loop->nwatchers)) return false;
    return true;
  }

  uv__io_t* WatcherOf(int fd) const {
    return fd < 0 || fd >= static_cast<int>(loop->nwatchers) ? nullptr : static_cast<uv__io_t**>(static_cast<void*>(loop->watchers))[fd];
  }

  // A handle that was closed above a poll in progress: its descriptor may be another one's by now, which must not get
  // what was polled for this one (a false end of the stream was seen).
  void Strike(const uv_handle_t* handle) {
    const uv__io_t* watcher = nullptr;
    switch (handle->type) {
      case UV_TCP:
      case UV_NAMED_PIPE:
      case UV_TTY:
        watcher = &reinterpret_cast<const uv_stream_t*>(handle)->io_watcher;
        break;
      case UV_UDP:
        watcher = &reinterpret_cast<const uv_udp_t*>(handle)->io_watcher;
        break;
      case UV_POLL:
        watcher = &reinterpret_cast<const uv_poll_t*>(handle)->io_watcher;
        break;
      default:
        return;
    }
    for (size_t i = 0; i < depth; i++) {
      Polled* polled = levels[i].polled;
      if (polled == nullptr) continue;
      for (int j = 0; j < polled->count; j++)
        if (polled->watchers[j] == watcher) polled->watchers[j] = nullptr, polled->events[j].data.fd = -1;
    }
  }

  void Pop() {
    // Closed since the last gate.
    for (const uv_handle_t* handle = loop->closing_handles; handle != nullptr; handle = handle->next_closing) Strike(handle);
    free(levels[depth - 1].polled);
    levels[depth - 1].polled = nullptr;
    if (levels[--depth].watching) ReleaseWatching();
    if (stash_ != nullptr) {
      uv_handle_t** tail = &loop->closing_handles;
      while (*tail != nullptr) tail = &(*tail)->next_closing;
      *tail = stash_;
      stash_ = nullptr;
      held_ = 0;
    }
    if (depth > 0) return;
    uv_check_stop(&gate_);
    uv_timer_stop(&alarm_);
  }

  // Node counts how many of its callbacks are nested, and at the outermost one alone it drains ticks and microtasks and
  // lets an exception go to the process instead of the caller; some of its callers even abort when one does not. While
  // this lives, the nested loop counts from nothing, so that its callbacks are outermost ones, in no async context.
  class Outermost {
   public:
    Outermost(Loop& loop, Ptr resource) : loop_(loop), scoped_(loop.hooks_ == nullptr || *loop.hooks_ != 0) {
      // An async context of its own is needed where somebody looks: then Node checks that there is none at the outermost
      // callback's end. It costs as much as all the rest of a turn.
      if (scoped_) loop.symbols->scope_enter(space_, loop.isolate, resource, {0, 0});
      count_ = *loop.Nesting();
      *loop.Nesting() = 0;
    }
    ~Outermost() {
      *loop_.Nesting() = count_;
      if (scoped_) loop_.symbols->scope_leave(space_);
    }

   private:
    Loop& loop_;
    const bool scoped_;
    uintptr_t count_;
    // A pointer or two and a TryCatch: 64 bytes on every line seen.
    alignas(16) unsigned char space_[160];
  };
  uintptr_t* Nesting() { return Words() + nesting_; }

  // Node's environment, word by word.
  uintptr_t* Words() const { return static_cast<uintptr_t*>(environment); }
  size_t WordCount() const { return malloc_usable_size(environment) / sizeof(uintptr_t); }
  // What a word points at may be no memory of ours, so it is read through the kernel.
  static bool ReadAt(uintptr_t address, void* into, size_t size) {
    iovec here = {into, size}, there = {reinterpret_cast<void*>(address), size};
    return process_vm_readv(getpid(), &here, 1, &there, 1, 0) == static_cast<ssize_t>(size);
  }

  // The count is the one word of Node's environment that a public CallbackScope raises by one.
  bool FindNesting(Ptr resource) {
    const size_t words = WordCount();
    const uintptr_t* live = Words();
    auto* before = static_cast<uintptr_t*>(malloc(words * sizeof(uintptr_t)));
    if (before == nullptr) return false;
    alignas(16) unsigned char scope[160];
    memcpy(before, live, words * sizeof(uintptr_t));
    symbols->scope_enter(scope, isolate, resource, {0, 0});
    int found = 0;
    for (size_t i = 0; i < words; i++)
      if (live[i] == before[i] + 1 && before[i] < kMaxLevels) found++, nesting_ = i;
    symbols->scope_leave(scope);
    free(before);
    return found == 1 && live[nesting_] > 0;
  }

  // Node's environment points at the object that knows its function for timers.
  void FindRealm() {
    if (symbols->realm == nullptr) return;
    const uintptr_t* words = Words();
    size_t found = 0;
    for (size_t i = 0; i < WordCount(); i++) {
      uintptr_t first = 0;
      if (words[i] < 4096 || (words[i] & 7) != 0 || !ReadAt(words[i], &first, sizeof first)) continue;
      if (first != reinterpret_cast<uintptr_t>(symbols->realm) + 2 * sizeof(uintptr_t)) continue;
      Ptr realm = reinterpret_cast<Ptr>(words[i]);
      if (realm != realm_) found++, realm_ = realm;
    }
    if (found != 1) realm_ = nullptr;
  }

  // Behind the count of enabled hooks are whether Node compares async contexts when it pops one, and how many there
  // are: the word that rises by one as long as a public CallbackScope lives.
  void FindContexts(Ptr object, Ptr resource) {
    if (symbols->pop_async_context == nullptr) return;
    alignas(16) unsigned char scope[160];
    const uint32_t before = hooks_[kContexts];
    symbols->scope_enter(scope, isolate, resource, {0, 0});
    const bool rises = hooks_[kContexts] == before + 1;
    symbols->scope_leave(scope);
    if (rises && hooks_[kContexts] == before) contexts_ = object;
  }

  // A callback that a termination cuts off leaves its async context on Node's stack of them, and Node ends the process
  // when it pops another one than it expects. While this lives it does not compare, and at the end what was left is
  // taken off.
  class KeepContexts {
   public:
    explicit KeepContexts(Loop& loop) : loop_(loop) {
      if (loop.contexts_ == nullptr) return;
      compare_ = loop.hooks_[kCompare];
      count_ = loop.hooks_[kContexts];
      loop.hooks_[kCompare] = 0;
    }
    ~KeepContexts() {
      if (loop_.contexts_ == nullptr) return;
      while (loop_.hooks_[kContexts] > count_ && loop_.symbols->pop_async_context(loop_.contexts_, 0)) continue;
      // Each hook that was enabled in the meantime has raised it by one.
      loop_.hooks_[kCompare] = loop_.hooks_[kCompare] + compare_;
    }

   private:
    Loop& loop_;
    uint32_t compare_ = 0, count_ = 0;
  };

  // Rows b, g and the batches of pending and closing handles: gives back what outer frames hold in local lists.
  void Repair() {
    stuck_count_ = 0;
    pending_ = false;
    uv_walk(loop, [](uv_handle_t* handle, void* self) { static_cast<Loop*>(self)->Relink(handle); }, this);
    Link* pool = AsLink(&loop->wq_async.queue);
    Unlink(pool);
    Append(AsLink(&loop->async_handles), pool);
    uv_mutex_lock(&loop->wq_mutex);
    const bool more = AsLink(&loop->wq)->next != AsLink(&loop->wq);
    uv_mutex_unlock(&loop->wq_mutex);
    if (more) uv_async_send(&loop->wq_async);
    // An outer frame has read the wake-up of those that are still pending.
    if (pending_ || loop->wq_async.pending != 0) uv_async_send(&wake_);
    if (stuck_count_ > 0) ReleaseClosing();
  }

  static void Return(Link* list, Link* link) {
    if (!Contains(list, link)) Unlink(link), Append(list, link);
  }

  void Relink(uv_handle_t* handle) {
    if (handle->type == UV_FS_EVENT && Used(handle)) HoldWatching();
    if (uv_is_closing(handle)) {
      if (handle->type != UV_FS_POLL && stuck_count_ < kStuck) stuck_[stuck_count_++] = handle;
      return;
    }
    switch (handle->type) {
      case UV_ASYNC: {
        Link* link = AsLink(&reinterpret_cast<uv_async_t*>(handle)->queue);
        Unlink(link);
        Append(AsLink(&loop->async_handles), link);
        if (reinterpret_cast<uv_async_t*>(handle)->pending != 0) pending_ = true;
        break;
      }
      case UV_CHECK:
        if (uv_is_active(handle)) Return(AsLink(&loop->check_handles), AsLink(&reinterpret_cast<uv_check_t*>(handle)->queue));
        break;
      case UV_PREPARE:
        if (uv_is_active(handle)) Return(AsLink(&loop->prepare_handles), AsLink(&reinterpret_cast<uv_prepare_t*>(handle)->queue));
        break;
      case UV_IDLE:
        if (uv_is_active(handle)) Return(AsLink(&loop->idle_handles), AsLink(&reinterpret_cast<uv_idle_t*>(handle)->queue));
        break;
      case UV_TCP:
      case UV_NAMED_PIPE:
      case UV_TTY:
        ReturnPending(&reinterpret_cast<uv_stream_t*>(handle)->io_watcher);
        break;
      case UV_UDP:
        ReturnPending(&reinterpret_cast<uv_udp_t*>(handle)->io_watcher);
        break;
      case UV_PROCESS:
        if (uv_is_active(handle)) children_ = true;
        break;
      default:
        break;
    }
  }

  // A watcher whose completion waits in the local list of an outer uv__run_pending.
  void ReturnPending(uv__io_t* watcher) {
    Link* link = AsLink(&watcher->pending_queue);
    if (link->next != link) Return(AsLink(&loop->pending_queue), link);
  }

  // Closing handles that are on no list of the loop's hang in the chain of an outer closing phase. The first of each
  // chain is in a C variable there and must stay; what follows it can be taken off and closed here.
  void ReleaseClosing() {
    for (size_t i = 0; i < stuck_count_; i++) {
      uv_handle_t* head = stuck_[i];
      if (Queued(head)) continue;
      bool first = true;
      for (size_t j = 0; j < stuck_count_; j++)
        if (stuck_[j] != head && stuck_[j]->next_closing == head) first = false;
      if (!first) continue;
      levels[depth - 1].stuck++;
      if (head->next_closing == nullptr) continue;
      uv_handle_t* rest = head->next_closing;
      head->next_closing = nullptr;
      uv_handle_t** tail = &loop->closing_handles;
      while (*tail != nullptr) tail = &(*tail)->next_closing;
      *tail = rest;
    }
  }
  bool Queued(const uv_handle_t* handle) const {
    for (const uv_handle_t* at = loop->closing_handles; at != nullptr; at = at->next_closing)
      if (at == handle) return true;
    for (const uv_handle_t* at = stash_; at != nullptr; at = at->next_closing)
      if (at == handle) return true;
    return false;
  }

  // libuv marks a watched folder while it goes through its watchers, and frees it afterwards when none is left. Nested,
  // the inner pass would clear the mark and free the folder under the outer one. So while a watcher's callback is below,
  // the kernel is not asked about watched folders.
  void HoldWatching() {
    Level& level = levels[depth - 1];
    for (size_t i = 0; i < depth; i++)
      if (levels[i].watching) return;
    if (loop->inotify_fd >= 0 && epoll_ctl(loop->backend_fd, EPOLL_CTL_DEL, loop->inotify_fd, nullptr) == 0) level.watching = true;
  }
  void ReleaseWatching() {
    if (loop->inotify_fd < 0) return;
    epoll_event event = {};
    event.events = EPOLLIN;
    event.data.fd = loop->inotify_fd;
    epoll_ctl(loop->backend_fd, EPOLL_CTL_ADD, loop->inotify_fd, &event);
  }

  // Row g. An outer frame has reaped several children and calls their exit callbacks one after another; and the
  // SIGCHLD of others may wait in the buffer of an outer signal frame. Deliver both kinds here.
  void DeliverChildren() {
    struct Reaped {
      Loop* self;
      Link* first;
    } reaped = {this, nullptr};
    uv_walk(loop, [](uv_handle_t* handle, void* data) {
      auto* found = static_cast<Reaped*>(data);
      if (handle->type != UV_PROCESS || !uv_is_active(handle) || uv_is_closing(handle)) return;
      Link* link = AsLink(&reinterpret_cast<uv_process_t*>(handle)->queue);
      if (link->next == link || Contains(AsLink(&found->self->loop->process_handles), link)) return;
      found->first = link;
    }, &reaped);
    if (reaped.first != nullptr) DeliverReaped(reaped.first);
    if (loop->child_watcher.signal_cb != nullptr) loop->child_watcher.signal_cb(&loop->child_watcher, SIGCHLD);
  }

  static uv_process_t* AsProcess(Link* link) {
    return reinterpret_cast<uv_process_t*>(reinterpret_cast<char*>(link) - offsetof(uv_process_t, queue));
  }

  // The list's head is a local variable of the outer frame, which also points at the first process. So the first
  // stays linked, with its callback taken so that it is not called again; the others are taken off the list.
  void DeliverReaped(Link* any) {
    // The head is the one node that is not inside a live process handle.
    Link* head = any;
    do head = head->next;
    while (head != any && IsProcess(head));
    if (head == any) return;
    Link* first = head->next;
    while (head->previous != first && head->previous != head) {
      Link* last = head->previous;
      Unlink(last);
      last->next = last->previous = last;
      uv_process_t* process = AsProcess(last);
      Exit(process);
      if (!uv_is_closing(AsHandle(process))) uv_unref(AsHandle(process));
    }
    if (head->next == first) Exit(AsProcess(first));
  }
  bool IsProcess(Link* link) {
    struct Query {
      uv_process_t* process;
      bool found;
    } query = {AsProcess(link), false};
    uv_walk(loop, [](uv_handle_t* handle, void* data) {
      auto* asked = static_cast<Query*>(data);
      if (handle == AsHandle(asked->process)) asked->found = true;
    }, &query);
    return query.found;
  }
  static void Exit(uv_process_t* process) {
    uv_exit_cb deliver = process->exit_cb;
    if (deliver == nullptr) return;
    process->exit_cb = nullptr;
    const int status = process->status;
    deliver(process, WIFEXITED(status) ? WEXITSTATUS(status) : 0, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
  }

  // Row h. Runs last in each nested check phase, just before the closing phase: a handle that some frame below still
  // uses is kept back until the wait above that frame is over. A caught signal that is not dispatched yet would make
  // libuv put its handle back for ever, so it is kept back as well.
  static void OnGate(uv_check_t* gate) {
    auto* self = static_cast<Loop*>(gate->data);
    if (self->turning_ == 0) {
      // The loop of the thread itself runs this phase, so whatever waited has been cut off.
      while (self->depth > 0) self->Pop();
      return;
    }
    if (self->loop->stop_flag != 0) self->stopped_ = true;
    self->OwnTimers();
    uv_handle_t* handle = self->loop->closing_handles;
    if (handle == nullptr) return;
    uv_handle_t** keep = &self->loop->closing_handles;
    *keep = nullptr;
    while (handle != nullptr) {
      uv_handle_t* next = handle->next_closing;
      handle->next_closing = nullptr;
      self->Strike(handle);
      if (self->Used(handle)) {
        handle->next_closing = self->stash_;
        self->stash_ = handle;
        self->held_++;
      } else {
        *keep = handle;
        keep = &handle->next_closing;
      }
      handle = next;
    }
  }

  bool Used(const uv_handle_t* handle) {
    if (handle->type == UV_SIGNAL) {
      const auto* signal = reinterpret_cast<const uv_signal_t*>(handle);
      if (signal->caught_signals > signal->dispatched_signals) return true;
    }
    uint32_t below = 0;
    for (size_t i = 0; i < depth; i++) below |= levels[i].kinds;
    // Node's own callbacks of a stream are told by their frames, which spares the scan most of its stale words.
    uint32_t within = 0;
    const bool stream = handle->type == UV_TCP || handle->type == UV_NAMED_PIPE || handle->type == UV_TTY;
    if (stream && reinterpret_cast<Ptr>(handle->close_cb) == symbols->handle_close && !(below & (kWrite | kLoops))) {
      within = kStream | kConnection;
      if (!(below & within)) return false;
    }
    const uintptr_t at = reinterpret_cast<uintptr_t>(handle);
    const uintptr_t owner = reinterpret_cast<uintptr_t>(handle->data);
    // Node's wrapper object contains the handle, and `data` points at the wrapper's start.
    const uintptr_t low = owner < at && at - owner < 2048 ? owner : at;
    return stack.Holds(*marks, levels[depth - 1].scan, low, at + uv_handle_size(handle->type), within);
  }

  // Rows d, e, f. Node's processImmediate must never run inside itself: while it is below, the nested turn runs
  // JavaScript's immediates one at a time (src/run/immediates.ts) and this phase is left out.
  //
  // A termination that cuts a batch off would leave it lying, so a vm script below has the same effect.
  static void OnCheck(uv_check_t*) { Here()->RunImmediates(); }
  void RunImmediates() {
    if (InImmediates()) return;
    if (on_batch != nullptr && ImmediatesWait()) on_batch();
    checks_++;
    check_cb_(check_);
    checks_--;
  }

  // What Node's own callback does, which goes round for ever in some versions when a termination cuts it off. The timer
  // is armed anew as Node does it: the number says when the next one is due, is negative when none of them is
  // referenced, and 0 when there is none.
  static void OnTimers(uv_timer_t* handle) {
    Loop* self = Here();
    if (self->turning_ == 0) return self->NodeTimers()(handle);
    const Symbols& symbols = *self->symbols;
    const uintptr_t outer = self->timers_frame_;
    self->timers_frame_ = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    Ptr now = symbols.timers_now(self->environment);
    const double base = static_cast<double>(uv_now(self->loop)) - symbols.number_value(now);
    alignas(16) unsigned char scope[160];
    symbols.scope_enter(scope, self->isolate, self->resource_, {0, 0});
    Ptr next = self->RunTimers(now);
    const double expiry = next != nullptr && symbols.is_number(next) ? symbols.number_value(next) : NAN;
    if (isnan(expiry)) {
      // Cut off: what is due is worked out anew.
      uv_timer_start(handle, self->NodeTimers(), 1, 0);
    } else if (expiry == 0) {
      uv_unref(AsHandle(handle));
    } else {
      const double left = fabs(expiry) - (static_cast<double>(uv_now(self->loop)) - base);
      uv_timer_start(handle, OnTimers, left > 0 ? static_cast<uint64_t>(left) : 1, 0);
      if (expiry > 0)
        uv_ref(AsHandle(handle));
      else
        uv_unref(AsHandle(handle));
    }
    // Drains ticks and microtasks, which may make a timer that is due before.
    symbols.scope_leave(scope);
    self->timers_frame_ = outer;
  }

  // Each exception goes to the process's handlers, and the timers behind it come next.
  Ptr RunTimers(Ptr now) {
    Ptr function = symbols->timers_function(realm_);
    for (;;) {
      Verbose report(*symbols, isolate);
      Ptr next = symbols->call(function, symbols->current_context(isolate), function, 1, &now);
      if (report.terminated()) {
        cut_off_ = true;
        // JavaScript puts Node's books of the timer in order whose callback was cut off (src/run/timers.ts).
        symbols->cancel_termination(isolate);
        if (on_cut != nullptr) on_cut();
        return nullptr;
      }
      if (!report.caught()) return next;
    }
  }

  // Row a. libuv moves all completed work into a local list; here each piece is taken off the shared list just before
  // it runs, so that a nested loop finds the rest. No more pieces than there were at the start, as in libuv, so that
  // work which completes at once cannot starve the other phases.
  static void OnPool(uv_async_t* handle) {
    Loop* self = Here();
    uv_loop_t* loop = handle->loop;
    Link* list = AsLink(&loop->wq);
    size_t count = 0;
    uv_mutex_lock(&loop->wq_mutex);
    for (Link* at = list->next; at != list; at = at->next) count++;
    uv_mutex_unlock(&loop->wq_mutex);
    const uintptr_t outer = self->pool_frame_;
    self->pool_frame_ = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    bool more = count > 0;
    while (count-- > 0 && more) {
      uv_mutex_lock(&loop->wq_mutex);
      Link* link = list->next;
      more = link != list;
      if (more) Unlink(link);
      uv_mutex_unlock(&loop->wq_mutex);
      if (!more) break;
      auto* work = reinterpret_cast<uv__work*>(reinterpret_cast<char*>(link) - offsetof(uv__work, wq));
      // libuv clears `work` when it has run; what still has one was cancelled.
      work->done(work, work->work != nullptr ? UV_ECANCELED : 0);
    }
    self->pool_frame_ = outer;
  }

  uintptr_t limit_ = 0;    // the lowest stack address that V8 lets JavaScript use; 0 until it was measured
  uintptr_t deepest_ = 0;  // the lowest that levels may use
  bool lent_ = false;      // V8 uses the latter right now
  static constexpr size_t kHookWords = 48, kHookFields = 10;
  uint32_t before_[kHookWords][kHookFields];
  bool seen_[kHookWords];
  volatile uint32_t* hooks_ = nullptr;  // how many async hooks are enabled; null where that is not known
  static constexpr size_t kCompare = 1, kContexts = 2;  // words behind hooks_
  Ptr contexts_ = nullptr;  // Node's own object for async hooks, once those words are proved
  Ptr realm_ = nullptr;     // the object that knows Node's function for its timers
  Ptr resource_ = nullptr;  // the async resource of the turn on top
  bool cut_off_ = false;    // a termination has ended a batch of the turn on top
  static constexpr size_t kMostWords = 4096;
  bool maybe_ticks_[kMostWords] = {};
  volatile uint8_t* ticks_ = nullptr;
  bool ticks_sought_ = false;
  static constexpr int kMostEvents = 1024;
  void** announced_ = nullptr;  // libuv's pointer to what is polled, once it was found
  size_t nesting_ = 0;     // where Node's count of nested callbacks is, in words
  uv_check_t* check_ = nullptr;
  uv_timer_t* timer_ = nullptr;
  uv_idle_t* idle_ = nullptr;
  int idles_ = 0;
  uv_check_cb check_cb_ = nullptr;
  uv_async_cb pool_cb_ = nullptr;
  int timers_ = 0;
  int checks_ = 0;
  int turning_ = 0;  // turns on the stack
  uintptr_t pool_frame_ = 0;
  uintptr_t timers_frame_ = 0;
  uv_check_t gate_;
  uv_async_t wake_;
  uv_timer_t alarm_;
  uv_handle_t* stash_ = nullptr;
  size_t held_ = 0;
  bool stopped_ = false;
  bool children_ = false;
  bool pending_ = false;
  uint32_t short_turns_ = 0;
  bool only_listening_ = false;
  static constexpr size_t kStuck = 1024;
  uv_handle_t* stuck_[kStuck];
  size_t stuck_count_ = 0;
};

}  // namespace isthmus
