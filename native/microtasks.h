// V8 refuses to drain microtasks while it runs one. The refusal is two fields of the microtask queue: a flag and a
// counter. Neither is in a public header, so where they are is found at run time, and proved, or the pump stays off.
//
// Guarantee: the fields are changed only while an Open lives, and always put back.
#pragma once
#include <malloc.h>
#include <string.h>

#include "symbols.h"

namespace isthmus {

class Microtasks {
 public:
  const char* why = nullptr;  // set when a proof failed

  void Attach(const Symbols* symbols, Ptr isolate, Ptr queue) {
    symbols_ = symbols;
    isolate_ = isolate;
    bytes_ = static_cast<uint8_t*>(queue);
    size_ = malloc_usable_size(queue);
    if (size_ < 64 || size_ > 4096) {
      why = "the microtask queue is not an object of its own on this runtime";
      return;
    }
    FindCounter();
    if (Running()) FindFlag();
  }

  bool Running() const { return symbols_->is_running_microtasks(isolate_); }

  // The flag can be seen only from inside a microtask, so its proof waits for the first call that stands in one.
  bool Ready() {
    if (why != nullptr) return false;
    if (flag_ == 0 && Running()) FindFlag();
    return why == nullptr;
  }

  // Opens the queue as long as it lives.
  class Open {
   public:
    explicit Open(Microtasks& tasks) : tasks_(tasks) {
      memcpy(&count_, tasks_.bytes_ + tasks_.counter_, sizeof count_);
      const int32_t zero = 0;
      memcpy(tasks_.bytes_ + tasks_.counter_, &zero, sizeof zero);
      if (tasks_.flag_ != 0) {
        flag_ = tasks_.bytes_[tasks_.flag_];
        tasks_.bytes_[tasks_.flag_] = 0;
      }
    }
    ~Open() {
      memcpy(tasks_.bytes_ + tasks_.counter_, &count_, sizeof count_);
      // Found in the meantime, by a call made from a microtask of this very drain: then it was clear before.
      if (tasks_.flag_ != 0) tasks_.bytes_[tasks_.flag_] = flag_;
    }

   private:
    Microtasks& tasks_;
    int32_t count_ = 0;
    uint8_t flag_ = 0;
  };

 private:
  // The counter is the one 32-bit word that a public SuppressMicrotaskExecutionScope raises by one.
  void FindCounter() {
    const size_t words = size_ / 4;
    int32_t before[1024], after[1024];
    memcpy(before, bytes_, words * 4);
    alignas(16) unsigned char scope[128];
    symbols_->suppress_enter(scope, isolate_, bytes_);
    memcpy(after, bytes_, words * 4);
    symbols_->suppress_leave(scope);
    int found = 0;
    for (size_t i = 2; i < words; i++) {
      if (after[i] == before[i]) continue;
      found++;
      if (after[i] == before[i] + 1) counter_ = i * 4;
    }
    if (found != 1 || counter_ == 0) why = "V8's suppression counter was not found exactly once";
  }

  // The flag is the one byte whose clearing makes the public IsRunningMicrotasks answer false.
  void FindFlag() {
    int found = 0;
    for (size_t i = 8; i < size_; i++) {
      if (bytes_[i] != 1) continue;
      bytes_[i] = 0;
      const bool still = Running();
      bytes_[i] = 1;
      if (!still) found++, flag_ = i;
    }
    if (found == 1) return;
    flag_ = 0;
    why = "V8's running-microtasks flag was not found exactly once";
  }

  const Symbols* symbols_ = nullptr;
  Ptr isolate_ = nullptr;
  uint8_t* bytes_ = nullptr;
  size_t size_ = 0;
  size_t flag_ = 0;
  size_t counter_ = 0;
};

}  // namespace isthmus
