#include "store/pool.h"

#include <algorithm>
#include <utility>

namespace postern::store {

Pool::Pool(unsigned threads) {
    for (unsigned i = 0; i < std::max(threads, 1U); ++i) threads_.emplace_back([this] { run(); });
}

void Pool::submit(std::move_only_function<void()> work) {
    std::unique_lock lock(mutex_);
    if (!closing_) {
        waiting_.push_back(std::move(work));
        lock.unlock(); // whom it wakes need not wait for us
        wake_.notify_one();
        return;
    }
    lock.unlock();
    work();
}

void Pool::close() {
    {
        std::lock_guard const lock(mutex_);
        closing_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

void Pool::run() {
    for (;;) {
        std::move_only_function<void()> work;
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return !waiting_.empty() || closing_; });
            if (waiting_.empty()) return;
            work = std::move(waiting_.front());
            waiting_.pop_front();
        }
        work();
    }
}

} // namespace postern::store
