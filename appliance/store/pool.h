// A few threads for what may fault from flash or burn processor.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace postern::store {

class Pool {
public:
    explicit Pool(unsigned threads);
    ~Pool() { close(); }

    void submit(std::move_only_function<void()> work); // once it is closing: runs on the caller's thread
    void close();                                      // finishes what was accepted

private:
    void run();

    std::mutex mutex_;
    std::condition_variable wake_;
    std::deque<std::move_only_function<void()>> waiting_; // under mutex_
    bool closing_ = false;                                // under mutex_
    std::vector<std::thread> threads_;
};

} // namespace postern::store
