@echo off
rem Starts AGR4J's command on Windows, and builds it first where that is needed. See agr --help.
rem
rem   AGR_JAVA_OPTS   options for the Java machine, for example -Xmx16g
rem   JAVA_HOME       the JDK to use; otherwise the java on PATH
rem
rem Options and environment are set by the jar itself, as the launcher for bash sets them:
rem agr-zoo-examples\src\main\resources\org\agr4j\launch
setlocal
set "root=%~dp0"
set "jar=%~dp0agr-jar\target\agr.jar"
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME:"=%\bin\java"

rem Java 17 is the first with this option.
"%java%" --enable-native-access=ALL-UNNAMED -version >nul 2>&1
if errorlevel 1 goto nojava

if not exist "%jar%" goto build
rem Built from these sources?
powershell -NoProfile -Command "Set-Location -LiteralPath $env:root; $built = (Get-Item -LiteralPath $env:jar).LastWriteTime; if (Get-ChildItem -Path pom.xml, agr-*\pom.xml, agr-*\src\main -Recurse -File | Where-Object LastWriteTime -gt $built) { exit 1 }"
if not errorlevel 1 goto run

:build
where mvn >nul 2>&1
if errorlevel 1 goto nomaven
echo agr: building AGR4J (the first time also downloads Deeplearning4j, some minutes) ... 1>&2
call mvn -B -ntp -q -f "%root%pom.xml" -pl agr-jar -am -Dmaven.test.skip=true -Dmaven.javadoc.skip=true -Dspotless.check.skip=true package 1>&2
if errorlevel 1 goto failed

:run
"%java%" -jar "%jar%" %*
exit /b %ERRORLEVEL%

:nojava
echo agr: "%java%" is not Java 17 or newer; install a JDK 17 or newer, or set JAVA_HOME to it 1>&2
exit /b 1

:nomaven
echo agr: no mvn found; install Maven 3.6.3 or newer to build AGR4J 1>&2
exit /b 1

:failed
echo agr: the build failed; Maven's messages are above 1>&2
exit /b 1
