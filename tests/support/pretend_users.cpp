// For a server that insists on being root and changing users, where there is one user only: to be loaded into it. Each
// change of user or owner is answered with success, and from then on the process is told that it is that user.
#include <grp.h>
#include <sys/types.h>
#include <unistd.h>

namespace {

uid_t real_user = 0, effective_user = 0;
gid_t real_group = 0, effective_group = 0;

template <typename Id> int become(Id& real, Id real_id, Id& effective, Id effective_id) {
    constexpr Id unchanged = static_cast<Id>(-1);
    if (real_id != unchanged) real = real_id;
    if (effective_id != unchanged) effective = effective_id;
    return 0;
}

} // namespace

extern "C" {

uid_t getuid() noexcept { return real_user; }
uid_t geteuid() noexcept { return effective_user; }
gid_t getgid() noexcept { return real_group; }
gid_t getegid() noexcept { return effective_group; }

int setuid(uid_t id) noexcept { return become(real_user, id, effective_user, id); }
int seteuid(uid_t id) noexcept { return become(real_user, real_user, effective_user, id); }
int setresuid(uid_t real, uid_t effective, uid_t) noexcept {
    return become(real_user, real, effective_user, effective);
}
int setgid(gid_t id) noexcept { return become(real_group, id, effective_group, id); }
int setegid(gid_t id) noexcept { return become(real_group, real_group, effective_group, id); }
int setresgid(gid_t real, gid_t effective, gid_t) noexcept {
    return become(real_group, real, effective_group, effective);
}
int initgroups(char const*, gid_t) { return 0; }
int setgroups(size_t, gid_t const*) noexcept { return 0; }

int chown(char const*, uid_t, gid_t) noexcept { return 0; }
int fchown(int, uid_t, gid_t) noexcept { return 0; }
int lchown(char const*, uid_t, gid_t) noexcept { return 0; }
}
