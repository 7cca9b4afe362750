#!/usr/bin/env bash
# packaging/package.sh PROGRAM OUT: makes OUT/weerbaar_VERSION_ARCHITECTURE.deb, and prints its path. The same program
# and changelog give the same file. packaging/package.sh --check FILE: lintian, and an installation and removal in a
# folder of its own, with the Debian packages that it needs unpacked beside it. No service is started.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version() { sed -n 's/^project(weerbaar VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt; }

# The day of the release, as publiccode.yml says.
released() { sed -n 's/^releaseDate: "\(.*\)"$/\1/p' publiccode.yml; }

# install_files PROGRAM ROOT
install_files() {
  local program=$1 root=$2 documents=$2/usr/share/doc/weerbaar
  install -D -m 0755 "$program" "$root/usr/bin/weerbaar"
  strip --strip-unneeded --remove-section=.comment "$root/usr/bin/weerbaar"
  install -D -m 0644 packaging/weerbaar.service "$root/usr/lib/systemd/system/weerbaar.service"
  install -D -m 0644 packaging/weerbaar-witness.service "$root/usr/lib/systemd/system/weerbaar-witness.service"
  install -D -m 0644 packaging/weerbaar.sysusers "$root/usr/lib/sysusers.d/weerbaar.conf"
  install -D -m 0644 packaging/debian/copyright "$documents/copyright"
  # By the names that messages and pages call them: docs/people.md.
  install -D -m 0644 -t "$documents" README.md
  install -D -m 0644 -t "$documents/docs" docs/*.md docs/*.svg
  local folder
  for folder in operate formats howto api; do
    find "docs/$folder" -maxdepth 1 \( -name '*.md' -o -name '*.json' \) -exec install -D -m 0644 -t "$documents/docs/$folder" {} +
  done
  gzip -9nc LICENSE >"$documents/LICENSE.gz"
  gzip -9nc CHANGELOG.md >"$documents/NEWS.gz"
  printf 'weerbaar (%s) bookworm; urgency=medium\n\n  * What changed is in NEWS.gz.\n\n -- Weerbaar <weerbaar@example.org>  %s\n' \
    "$(version)" "$(LC_ALL=C date -u -R -d "$(released)")" | gzip -9n >"$documents/changelog.gz"
  mkdir -p "$root/usr/share/man/man1"
  python3 packaging/manual.py "$root/usr/bin/weerbaar" "$(released)" "$(version)" |
    gzip -9n >"$root/usr/share/man/man1/weerbaar.1.gz"
  chmod 0644 "$documents"/*.gz "$root/usr/share/man/man1/weerbaar.1.gz"
}

# libraries_of PROGRAM: "libc6 (>= 2.36), …", as dpkg-shlibdeps works it out.
libraries_of() {
  local folder
  folder=$(mktemp -d)
  mkdir -p "$folder/debian"
  printf 'Source: weerbaar\n\nPackage: weerbaar\nArchitecture: any\nDepends: ${shlibs:Depends}\n' >"$folder/debian/control"
  (cd "$folder" && dpkg-shlibdeps -O "$1" 2>/dev/null) | sed -n 's/^shlibs:Depends=//p'
  rm -r "$folder"
}

make_package() {
  local program out root file
  program=$(realpath "$1")
  mkdir -p "$2"
  out=$(realpath "$2")
  root=$(mktemp -d)
  trap 'rm -rf "$root"' RETURN
  chmod 0755 "$root"
  umask 022
  install_files "$program" "$root"
  mkdir -p "$root/DEBIAN"
  install -m 0755 packaging/debian/{postinst,prerm,postrm} "$root/DEBIAN"
  cat >"$root/DEBIAN/control" <<CONTROL
Package: weerbaar
Version: $(version)
Architecture: $(dpkg --print-architecture)
Maintainer: Weerbaar <weerbaar@example.org>
Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f1)
Depends: systemd | systemd-standalone-sysusers | opensysusers, tzdata, $(libraries_of "$root/usr/bin/weerbaar")
Recommends: fonts-dejavu-core
Section: admin
Priority: optional
Description: evidence of who consulted whose data
 Weerbaar keeps an append-only log of the consultations of personal data by
 employees, judges each of them by what the organisation knows of its own work,
 and proves to others that nothing was changed or left out.
CONTROL
  (cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
  file=$out/weerbaar_$(version)_$(dpkg --print-architecture).deb
  SOURCE_DATE_EPOCH=$(date -u -d "$(released)" +%s) dpkg-deb --root-owner-group -Zxz --build "$root" "$file" >/dev/null
  printf '%s\n' "$file"
}

# In a bare folder: dpkg takes the files in and out again. Its scripts are only read, for they would make a user here.
check_package() {
  local file root
  file=$(realpath "$1")
  lintian --fail-on error "$file"
  root=$(mktemp -d)
  trap 'rm -rf "$root"' RETURN
  dpkg-deb --raw-extract "$file" "$root/raw"
  local script
  for script in postinst prerm postrm; do sh -n "$root/raw/DEBIAN/$script"; done
  rm "$root"/raw/DEBIAN/{postinst,prerm,postrm}
  dpkg-deb --root-owner-group --build "$root/raw" "$root/plain.deb" >/dev/null
  mkdir -p "$root/system/var/lib/dpkg/"{info,updates}
  touch "$root/system/var/lib/dpkg/status"
  dpkg --root="$root/system" --log=/dev/null --force-not-root,depends,script-chrootless --install "$root/plain.deb" >/dev/null 2>&1
  "$root/system/usr/bin/weerbaar" init "$root/data" --origin package.example/log >/dev/null
  "$root/system/usr/bin/weerbaar" verify "$root/data" >/dev/null
  man --warnings -l "$root/system/usr/share/man/man1/weerbaar.1.gz" 2>&1 >/dev/null | (! grep .)
  dpkg --root="$root/system" --log=/dev/null --force-not-root,script-chrootless --purge weerbaar >/dev/null 2>&1
  if find "$root/system/usr" -type f 2>/dev/null | grep -q .; then
    printf 'files are left after the removal\n' >&2
    return 1
  fi
  [[ -e $root/data/trail/checkpoint ]]
  printf 'the package is installed, works and is removed again\n'
}

if [[ ${1:-} == --check ]]; then
  check_package "$2"
else
  make_package "$1" "$2"
fi
