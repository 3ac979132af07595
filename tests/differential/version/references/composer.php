<?php
// composer/semver (Debian's php-composer-semver). Argument: compare or match.
require 'Composer/Semver/autoload.php';
$parser = new Composer\Semver\VersionParser();
while (($line = fgets(STDIN)) !== false) {
    [$a, $b] = explode("\t", rtrim($line, "\n"));
    try {
        if ($argv[1] === 'match') {
            echo Composer\Semver\Semver::satisfies($a, $b) ? "true\n" : "false\n";
            continue;
        }
        $x = $parser->normalize($a);
        $y = $parser->normalize($b);
        $less = Composer\Semver\Comparator::lessThan($x, $y);
        $more = Composer\Semver\Comparator::greaterThan($x, $y);
        $equal = Composer\Semver\Comparator::equalTo($x, $y);
        // Two branches are neither less nor equal nor greater for Composer: not compared.
        echo $less ? "-1\n" : ($more ? "1\n" : ($equal ? "0\n" : "x\n"));
    } catch (Exception $refused) {
        echo "x\n";
    }
}
