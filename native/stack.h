// What is below a call on the native stack. Node's own builds keep frame pointers through C++, libuv and compiled
// JavaScript, so the chain can be walked exactly; that this holds is proved when the pump loads.
//
// Guarantee: a walk reads only between the caller's frame and the end of the thread's stack.
#pragma once
#include <pthread.h>
#include <string.h>

#include "symbols.h"

namespace isthmus {

// What kinds of frame a walk has met, as bits. The names of the public `base` are made from these.
enum Kind : uint32_t {
  kRoot = 1 << 0,
  kLoop = 1 << 1,  // some uv_run
  kTimer = 1 << 2,
  kImmediate = 1 << 3,
  kPool = 1 << 4,
  kTurn = 1 << 5,
  kStream = 1 << 6,
  kPort = 1 << 7,
  kClose = 1 << 8,
  kUdp = 1 << 9,
  kTask = 1 << 10,
  kConnection = 1 << 11,
  kWrite = 1 << 14,
  // What a callback of the loop can be told by. A loop with none of these below it is of some other kind.
  kTold = kTimer | kImmediate | kPool | kTurn | kStream | kPort | kClose | kUdp | kTask | kConnection | kWrite,
  kBatch = 1 << 12,  // not a frame: a batch of immediates is being run somewhere below
  kScript = 1 << 15,  // a vm script, which a timeout or Ctrl-C may cut off
  kLoops = 1 << 13,  // more than one uv_run: somebody else nests it too
  kParser = 1 << 20,
  kTls = 1 << 21,
  kHttp2 = 1 << 22,
  // State machines that cannot be entered twice: a loop nested on top of one of these is refused.
  kRefused = kParser | kTls | kHttp2,
};

struct Landmark {
  const char* name;
  uint32_t kind;
};

inline constexpr Landmark kLandmarks[] = {
    {"_ZN4node5StartEiPPc", kRoot},
    {"_ZN4node6worker6Worker3RunEv", kRoot},
    {"uv_run", kLoop},
    {"_ZN4node11Environment9RunTimersEP10uv_timer_s", kTimer},
    {"_ZN4node11Environment14CheckImmediateEP10uv_check_s", kImmediate},
    {"_ZN4node15LibuvStreamWrap8OnUvReadElPK8uv_buf_t", kStream},
    {"_ZN4node15LibuvStreamWrap12AfterUvWriteEP10uv_write_si", kWrite},
    {"_ZN4node15LibuvStreamWrap15AfterUvShutdownEP13uv_shutdown_si", kWrite},
    {"_ZN4node14ConnectionWrapINS_7TCPWrapE8uv_tcp_sE12OnConnectionEP11uv_stream_si", kConnection},
    {"_ZN4node14ConnectionWrapINS_7TCPWrapE8uv_tcp_sE12AfterConnectEP12uv_connect_si", kConnection},
    {"_ZN4node14ConnectionWrapINS_8PipeWrapE9uv_pipe_sE12OnConnectionEP11uv_stream_si", kConnection},
    {"_ZN4node14ConnectionWrapINS_8PipeWrapE9uv_pipe_sE12AfterConnectEP12uv_connect_si", kConnection},
    {"_ZN4node7UDPWrap6OnRecvEP8uv_udp_slPK8uv_buf_tPK8sockaddrj", kUdp},
    {"_ZN4node6worker11MessagePort9OnMessageENS1_21MessageProcessingModeE", kPort},
    {"_ZN4node10HandleWrap7OnCloseEP11uv_handle_s", kClose},
    {"_ZN4node22PerIsolatePlatformData28FlushForegroundTasksInternalEv", kTask},
    {"_ZN4node10contextify16ContextifyScript11EvalMachineEN2v85LocalINS2_7ContextEEEPNS_11EnvironmentElbbbPNS2_14MicrotaskQueueERKNS2_20FunctionCallbackInfoINS2_5ValueEEE",
     kScript},
    {"llhttp_execute", kParser},
    {"llhttp__internal_execute", kParser},
    {"_ZN4node6crypto7TLSWrap8ClearOutEv", kTls},
    {"_ZN4node6crypto7TLSWrap7ClearInEv", kTls},
    {"_ZN4node6crypto7TLSWrap6EncOutEv", kTls},
    {"_ZN4node6crypto7TLSWrap5CycleEv", kTls},
    {"_ZN4node6crypto7TLSWrap12OnStreamReadElRK8uv_buf_t", kTls},
    {"_ZN4node5http212Http2Session12OnStreamReadElRK8uv_buf_t", kHttp2},
    {"_ZN4node5http212Http2Session16ConsumeHTTP2DataEv", kHttp2},
    {"_ZN4node5http212Http2Session15SendPendingDataEv", kHttp2},
    {"nghttp2_session_mem_recv", kHttp2},
    {"nghttp2_session_mem_recv2", kHttp2},
    {"nghttp2_session_mem_send", kHttp2},
    {"nghttp2_session_mem_send2", kHttp2},
};
inline constexpr size_t kLandmarkCount = sizeof kLandmarks / sizeof kLandmarks[0];

// Where each landmark's code begins and ends in the running executable. One for the process.
class Landmarks {
 public:
  uint32_t known = 0;  // the kinds that have at least one landmark here

  void Load() {
    dl_iterate_phdr([](dl_phdr_info* object, size_t, void* self) {
      static_cast<Landmarks*>(self)->LoadFrom(*object);
      return static_cast<Landmarks*>(self)->known != 0 ? 1 : 0;
    }, this);
  }

  uint32_t At(uintptr_t address) const {
    for (size_t i = 0; i < count_; i++)
      if (address - ranges_[i].start <= ranges_[i].size) return ranges_[i].kind;
    return 0;
  }

 private:
  struct Range {
    uintptr_t start, size;
    uint32_t kind;
  };

  // Reads an object's own hash table of exported names (the GNU form, which every linker writes today). dladdr would
  // tell a function's size as well, but goes through all of the some 90,000 names each time: 13 ms in all.
  void LoadFrom(const dl_phdr_info& object) {
    const ElfW(Dyn)* dynamic = nullptr;
    for (int i = 0; i < object.dlpi_phnum; i++)
      if (object.dlpi_phdr[i].p_type == PT_DYNAMIC) dynamic = reinterpret_cast<const ElfW(Dyn)*>(object.dlpi_addr + object.dlpi_phdr[i].p_vaddr);
    const uint32_t* hash = nullptr;
    const ElfW(Sym)* symbols = nullptr;
    const char* strings = nullptr;
    for (; dynamic != nullptr && dynamic->d_tag != DT_NULL; dynamic++) {
      // glibc has relocated these addresses, musl has not.
      uintptr_t at = dynamic->d_un.d_ptr;
      if (at < object.dlpi_addr) at += object.dlpi_addr;
      if (dynamic->d_tag == DT_GNU_HASH) hash = reinterpret_cast<const uint32_t*>(at);
      if (dynamic->d_tag == DT_SYMTAB) symbols = reinterpret_cast<const ElfW(Sym)*>(at);
      if (dynamic->d_tag == DT_STRTAB) strings = reinterpret_cast<const char*>(at);
    }
    if (hash == nullptr || symbols == nullptr || strings == nullptr) return;
    const uint32_t bucket_count = hash[0], first = hash[1], filter_words = hash[2];
    const uint32_t* buckets = hash + 4 + filter_words * (sizeof(ElfW(Addr)) / 4);
    const uint32_t* chains = buckets + bucket_count;
    if (bucket_count == 0) return;
    for (const Landmark& mark : kLandmarks) {
      uint32_t wanted = 5381;
      for (const char* at = mark.name; *at != 0; at++) wanted = wanted * 33 + static_cast<unsigned char>(*at);
      uint32_t index = buckets[wanted % bucket_count];
      if (index < first) continue;
      for (;; index++) {
        const uint32_t found = chains[index - first];
        const ElfW(Sym)& symbol = symbols[index];
        if ((found | 1) == (wanted | 1) && strcmp(strings + symbol.st_name, mark.name) == 0) {
          if (symbol.st_shndx != 0 && symbol.st_size != 0) Add(object.dlpi_addr + symbol.st_value, symbol.st_size, mark.kind);
          break;
        }
        if (found & 1) break;
      }
    }
  }

  void Add(uintptr_t start, uintptr_t size, uint32_t kind) {
    ranges_[count_++] = {start, size, kind};
    known |= kind;
  }
  Range ranges_[kLandmarkCount];
  size_t count_ = 0;
};

struct Frame {
  uintptr_t address;   // where this frame's saved frame pointer is
  uintptr_t returns;   // the address in its caller that it returns to
  uintptr_t previous;  // its caller's frame
};

class Stack {
 public:
  uintptr_t top = 0;
  uintptr_t bottom = 0;

  // Reads the thread's stack bounds; on the main thread this parses a file, so once a thread.
  bool Attach() {
    pthread_attr_t attributes;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return false;
    void* base = nullptr;
    size_t size = 0;
    const bool known = pthread_attr_getstack(&attributes, &base, &size) == 0;
    pthread_attr_destroy(&attributes);
    bottom = reinterpret_cast<uintptr_t>(base);
    top = bottom + size;
    return known;
  }

  bool Read(uintptr_t at, Frame* frame) const {
    if (at == 0 || (at & 7) != 0 || at + 16 > top) return false;
    const uintptr_t* words = reinterpret_cast<const uintptr_t*>(at);
    *frame = {at, words[1], words[0]};
    return true;
  }

  bool Next(Frame* frame) const { return frame->previous > frame->address && Read(frame->previous, frame); }

  // The kinds of all frames from `from` up to, not including, the frame at `until`.
  uint32_t Kinds(const Landmarks& marks, uintptr_t from, uintptr_t until) {
    uint32_t kinds = 0;
    Frame frame;
    if (!Read(from, &frame)) return 0;
    for (;;) {
      const uint32_t kind = KindOf(marks, frame.returns);
      if (kind & kinds & kLoop) kinds |= kLoops;
      kinds |= kind;
      if (kind & kRoot) return kinds;
      const uintptr_t last = frame.address;
      if (!Next(&frame) && !Bridge(marks, last + 16, until, &frame, &kinds)) return kinds;
      if (frame.address >= until) return kinds;
    }
  }

  // Does any frame from `from` on hold an address within [low, high)? Conservative, as in a conservative collector:
  // a yes may be a stale word, a no is certain. Large frames are libuv's read and event buffers: only their edges,
  // where the compiler keeps its spills, are read, for the buffers are full of words of long-gone callbacks.
  //
  // With `within`, only frames from a function of these kinds down to the loop's are asked. What libuv's frames keep in
  // registers is there too, for those functions save them all. uv__read is among them, with a buffer of 256 bytes for
  // descriptors that a message brings, right below the registers that it saves.
  bool Holds(const Landmarks& marks, uintptr_t from, uintptr_t low, uintptr_t high, uint32_t within) {
    const uintptr_t buffer = within == 0 ? 768 : 400, edge = within == 0 ? 96 : 64;
    Frame frame;
    if (!Read(from, &frame)) return true;
    bool asked = within == 0;
    for (;;) {
      const uintptr_t start = frame.address + 16;
      const uint32_t kind = KindOf(marks, frame.returns);
      // What called the thread's root has no handles.
      if (kind & kRoot) return false;
      if (within != 0) {
        if (kind & within) asked = true;
        if (kind & kLoop) asked = false;
      }
      if (!Next(&frame)) return Within(start, top, low, high);
      if (!asked) continue;
      const uintptr_t end = frame.address + 16;
      if (end - start <= buffer) {
        if (Within(start, end, low, high)) return true;
      } else if (Within(start, start + edge, low, high) || Within(end - edge, end, low, high)) {
        return true;
      }
    }
  }

 private:
  // An addon built without frame pointers breaks the chain. The next whole frame is the first from which the chain
  // reaches the end again; each word of the gap counts as if it were a return address, for one of them may be.
  bool Bridge(const Landmarks& marks, uintptr_t at, uintptr_t until, Frame* frame, uint32_t* kinds) {
    for (; at < until && Read(at, frame); at += 8) {
      *kinds |= KindOf(marks, frame->returns);
      if (Reaches(marks, *frame, until)) return true;
    }
    return false;
  }

  bool Reaches(const Landmarks& marks, Frame frame, uintptr_t until) {
    constexpr uintptr_t kLargestFrame = 256 * 1024;
    do {
      if (frame.returns < 4096 || frame.previous - frame.address > kLargestFrame) return false;
      if (frame.previous >= until || KindOf(marks, frame.returns) & kRoot) return true;
    } while (Next(&frame));
    return false;
  }

  // The same few return addresses are met over and over.
  uint32_t KindOf(const Landmarks& marks, uintptr_t address) {
    Known& known = known_[(address ^ address >> 9) % kKnown];
    if (known.address != address) known = {address, marks.At(address)};
    return known.kind;
  }
  struct Known {
    uintptr_t address;
    uint32_t kind;
  };
  static constexpr size_t kKnown = 512;
  Known known_[kKnown] = {};

  static bool Within(uintptr_t start, uintptr_t end, uintptr_t low, uintptr_t high) {
    for (uintptr_t at = start; at + 8 <= end; at += 8) {
      const uintptr_t word = *reinterpret_cast<const uintptr_t*>(at);
      if (word - low < high - low) return true;
    }
    return false;
  }
};

}  // namespace isthmus
