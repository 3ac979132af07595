# Dpkg::Version of libdpkg-perl. Lines `A<TAB>B` -> -1, 0, 1; x for what it calls invalid.
use strict; use warnings; use Dpkg::Version;
while (my $line = <STDIN>) {
  chomp $line;
  my ($a, $b) = split /\t/, $line, -1;
  my ($x, $y) = (Dpkg::Version->new($a, check => 1), Dpkg::Version->new($b, check => 1));
  if (!defined $x || !defined $y || !$x->is_valid() || !$y->is_valid()) { print "x\n"; next; }
  print version_compare($a, $b), "\n";
}
