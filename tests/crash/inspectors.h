// Images are looked at in processes of their own, as many at a time as there are processors: a store that lost a page
// may take its program down with it, or never end.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <functional>
#include <map>
#include <string>

namespace postern::crash {

class Inspectors {
public:
    // What `inspect` throws, or what it dies of, is printed under `name`. Waits while too many are at work.
    void start(std::string name, std::function<void()> const& inspect);
    void finish(); // waits for all

    [[nodiscard]] std::size_t failed() const { return failed_; } // of those that ended

private:
    void wait_for_one();

    std::map<pid_t, std::string> running_;
    std::size_t failed_ = 0;
};

} // namespace postern::crash
