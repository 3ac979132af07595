// maven-artifact: ComparableVersion and VersionRange. Argument: compare or match.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import org.apache.maven.artifact.versioning.ComparableVersion;
import org.apache.maven.artifact.versioning.DefaultArtifactVersion;
import org.apache.maven.artifact.versioning.VersionRange;

public class Maven {
  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
    StringBuilder out = new StringBuilder();
    for (String line; (line = in.readLine()) != null; ) {
      String[] parts = line.split("\t", -1);
      try {
        if (args[0].equals("match")) {
          out.append(VersionRange.createFromVersionSpec(parts[1]).containsVersion(new DefaultArtifactVersion(parts[0])));
        } else {
          out.append(Integer.signum(new ComparableVersion(parts[0]).compareTo(new ComparableVersion(parts[1]))));
        }
      } catch (Exception refused) {
        out.append("x");
      }
      out.append("\n");
    }
    new PrintStream(System.out, false, "UTF-8").append(out).flush();
  }
}
